// @ts-check
// What the tests of the admin share.
import { bringAxe, violations } from './accessibility.js';
import { expect } from './browser.js';
import { mistakes } from './html.js';
import { overflowing, smallTargets } from './layout.js';
import { OUTPUT, SITES, THEMES } from './sites.js';

/**
 * @param {import('@playwright/test').Page} page
 * @param {string} name
 * @param {string} site
 */
export async function logIn(page, name = 'ann', site = SITES.staff) {
  await page.goto(`${site}/admin/login/`);
  await page.locator('#username').fill(name);
  await page.locator('#password').fill('tulip-anchor-9');
  await page.locator('#password').press('Enter');
  await expect(page).toHaveURL(`${site}/admin/`);
}

/**
 * The rules of every page.
 *
 * @param {import('@playwright/test').Page} page
 * @param {string} name
 */
export async function expectGood(page, name) {
  expect.soft(await mistakes(await page.content()), name).toEqual([]);
  await bringAxe(page);
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    for (const width of [1280, 375, 320]) {
      await page.setViewportSize({ width, height: 800 });
      expect.soft(await page.evaluate(overflowing), `${name}, ${width} px`).toEqual([]);
      expect.soft(await page.evaluate(smallTargets), `${name}, ${width} px`).toEqual([]);
      const path = `${OUTPUT}/pages/admin-${name}-${width}-${theme}.png`;
      await page.screenshot({ path, fullPage: true });
    }
    expect.soft(await violations(page), `${name}, ${theme}`).toEqual([]);
  }
}
