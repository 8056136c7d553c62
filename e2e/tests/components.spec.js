// @ts-check
// The page of components, which is there in debug alone, shows them in both themes and all
// languages at once: one picture of each width has everything.
import { expect, test, visit } from '../browser.js';
import { SITES } from '../sites.js';

for (const width of [375, 1280]) {
  test(`the components, ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await visit(page, { name: 'components', url: `${SITES.empty}/components/`, status: 200 });
    await expect(page).toHaveScreenshot(`components-${width}.png`, { fullPage: true });
  });
}
