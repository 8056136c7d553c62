// @ts-check
// The pictures in the owner's guide (docs/en/owners, docs/fr/owners) are of the site as it is.
import { expect, settle, test } from '../browser.js';
import { expectPicture } from '../pictures.js';
import { LANGUAGES, SITES } from '../sites.js';

const LETTING = '/admin/lettings/letting/2';

/**
 * Each with its address, and a window of its size: the frame of the site is left out, and a form that
 * is scrolled would hide a part below its buttons.
 */
const PICTURES = /** @type {const} */ ([
  ['lettings', '/admin/lettings/letting/?q=retreat', 900, 700],
  ['letting', `${LETTING}/change/`, 1100, 1000],
  ['delete', `${LETTING}/delete/`, 900, 480],
  ['history', `${LETTING}/history/`, 900, 480],
]);

for (const language of LANGUAGES) {
  test.describe(() => {
    test.use({ locale: language });

    test(`login, ${language}`, async ({ page }) => {
      await page.setViewportSize({ width: 375, height: 560 });
      await page.goto(`${SITES.six}/admin/login/`);
      await settle(page);
      await expectPicture(page, `${language}-login.png`);
    });

    for (const [name, path, width, height] of PICTURES) {
      test(`${name}, ${language}`, async ({ page }) => {
        await page.setViewportSize({ width, height });
        await page.goto(SITES.six + path);
        await page.locator('#username').fill('ann');
        await page.locator('#password').fill('tulip-anchor-9');
        await page.locator('#password').press('Enter');
        await expect(page).toHaveURL(SITES.six + path);
        await settle(page);
        await expectPicture(page.locator('main'), `${language}-${name}.png`);
      });
    }
  });
}
