// @ts-check
// The way in and out for staff, and the pages behind it.
import { bringAxe, violations } from '../accessibility.js';
import { expect, test } from '../browser.js';
import { mistakes } from '../html.js';
import { overflowing, smallTargets } from '../layout.js';
import { LANGUAGES, OUTPUT, SITES, THEMES } from '../sites.js';

const PASSWORD = 'tulip-anchor-9';

for (const language of LANGUAGES) {
  test.describe(() => {
    test.use({ locale: language });

    test(`in, around and out, ${language}`, async ({ page }) => {
      await page.goto(`${SITES.six}/admin/password_change/`);
      await logIn(page, 'wrong');
      await expect(page.getByRole('alert')).toBeVisible();
      await expectGood(page, `refused-${language}`);

      await logIn(page, PASSWORD);
      await expect(page).toHaveURL(`${SITES.six}/admin/password_change/`);
      await expectGood(page, `password-change-${language}`);
      await page.locator('#old_password').fill(PASSWORD);
      await page.locator('#new_password1').fill('12345');
      await page.locator('#new_password2').fill('12345');
      await page.locator('#new_password2').press('Enter');
      await expect(page.locator('#new_password1')).toHaveAttribute('aria-invalid', 'true');
      await expectGood(page, `password-refused-${language}`);

      await page.goto(`${SITES.six}/admin/`);
      await expectGood(page, `index-${language}`);
      await page.locator('.desk button').click();
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expectGood(page, `logged-out-${language}`);
      await page.goto(`${SITES.six}/admin/`);
      await expect(page).toHaveURL(`${SITES.six}/admin/login/?next=/admin/`);
    });
  });
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {string} password
 */
async function logIn(page, password) {
  await page.locator('#username').fill('ann');
  await page.locator('#password').fill(password);
  await page.locator('#password').press('Enter');
  await page.waitForLoadState();
}

/**
 * The rules of every page, for one that has no address of its own.
 *
 * @param {import('@playwright/test').Page} page
 * @param {string} name
 */
async function expectGood(page, name) {
  expect(await mistakes(await page.content()), name).toEqual([]);
  await bringAxe(page);
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    for (const width of [1280, 375, 320]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(overflowing), `${name}, ${width} px`).toEqual([]);
      expect(await page.evaluate(smallTargets), `${name}, ${width} px`).toEqual([]);
      const path = `${OUTPUT}/pages/staff-${name}-${width}-${theme}.png`;
      await page.screenshot({ path, fullPage: true });
    }
    expect(await violations(page), `${name}, ${theme}`).toEqual([]);
  }
}
