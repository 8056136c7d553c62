// @ts-check
// Every page in every language and theme: accessible, within its window, with targets that a
// finger meets. The pictures taken on the way are for somebody to look at.
import { bringAxe, violations } from '../accessibility.js';
import { expect, test, visit } from '../browser.js';
import { overflowing, smallTargets } from '../layout.js';
import { LANGUAGES, OUTPUT, PAGES, THEMES } from '../sites.js';

const WIDTHS = [1280, 768, 375, 320];
const SHOWN = [1280, 375];

for (const language of LANGUAGES) {
  test.describe(() => {
    test.use({ locale: language });
    for (const wanted of PAGES) {
      test(`${wanted.name}, ${language}`, async ({ page }) => {
        await visit(page, wanted);
        await expect(page.locator('html')).toHaveAttribute('lang', new RegExp(`^${language}\\b`));
        await bringAxe(page);
        for (const theme of THEMES) {
          await page.emulateMedia({ colorScheme: theme });
          for (const width of SHOWN) {
            await page.setViewportSize({ width, height: 800 });
            const path = `${OUTPUT}/pages/${wanted.name}-${width}-${theme}-${language}.png`;
            await page.screenshot({ path, fullPage: true });
          }
          // At the last of these widths, where navigation may be folded.
          expect(await violations(page), theme).toEqual([]);
        }
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 800 });
          expect(await page.evaluate(overflowing), `${width} px`).toEqual([]);
          expect(await page.evaluate(smallTargets), `${width} px`).toEqual([]);
        }
      });
    }
  });
}
