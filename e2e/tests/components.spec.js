// @ts-check
// The page of components, which is there in debug alone, shows them in each theme and language.
import { expect, test, visit } from '../browser.js';
import { expectPicture } from '../pictures.js';
import { LANGUAGES, SITES, THEMES } from '../sites.js';

test('there is a sample for each theme and language', async ({ page }) => {
  await visitComponents(page);
  await expect(page.locator('.sample')).toHaveCount(THEMES.length * LANGUAGES.length);
});

for (const language of LANGUAGES) {
  for (const theme of THEMES) {
    test(`the components, ${language}, ${theme}`, async ({ page }) => {
      await page.setViewportSize({ width: 1280, height: 800 });
      await visitComponents(page);
      const sample = page.locator(`.sample.theme-${theme}[lang^=${language}]`);
      await expectPicture(sample, `components-1280-${theme}-${language}.png`);
    });
  }
}

/** @param {import('@playwright/test').Page} page */
async function visitComponents(page) {
  await visit(page, { name: 'components', url: `${SITES.empty}/components/`, status: 200 });
}
