// @ts-check
// The page of components, which is there in debug alone, shows them in both themes and all
// languages at once: one picture has everything.
import { expect, test, visit } from '../browser.js';
import { SITES } from '../sites.js';

test('the components', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await visit(page, { name: 'components', url: `${SITES.empty}/components/`, status: 200 });
  await expect(page).toHaveScreenshot('components-1280.png', { fullPage: true });
});
