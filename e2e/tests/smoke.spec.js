// @ts-check
// What visitors and staff come for, in a second engine: what the first lets pass, the other may not.
import { firefox } from '@playwright/test';

import { expect, test, visit, watch } from '../browser.js';
import { brightness, overflowing, smallTargets } from '../layout.js';
import { SITES, SIX, THEMES } from '../sites.js';

/** @typedef {import('@playwright/test').Page} Page */

for (const wanted of SIX) {
  test(`${wanted.name} fits`, async ({ page }) => {
    await visit(page, wanted);
    await expect(heading(page)).toBeVisible();
    for (const width of [1280, 375]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(overflowing), `${width} px`).toEqual([]);
      expect(await page.evaluate(smallTargets), `${width} px`).toEqual([]);
    }
  });
}

test('the watch complains in this engine, too', async ({ browser }) => {
  const page = await browser.newPage();
  const complaints = watch(page.context());
  await page.setContent(`<img src="https://example.com/a.png" alt=""><p style="width: 3000px">wide
    <script>console.warn('look here'); setTimeout(() => { throw new Error('broken'); });</script>`);
  for (const said of ['request to https://example.com/', 'console: look here', 'broken']) {
    await expect.poll(() => complaints.join('\n')).toContain(said);
  }
  expect(await page.evaluate(overflowing)).not.toEqual([]);
  await page.close();
});

test('from home to a letting, and on in French', async ({ page }) => {
  await goToLetting(page);
  await expect(page.locator('[data-copy]')).toBeVisible();
});

test('from home to a letting, and on in French, without scripts', async ({ page }) => {
  await takeScriptsAway(page);
  await goToLetting(page);
  // It works by a script.
  await expect(page.locator('[data-copy]')).toBeHidden();
});

test('staff changes a letting, and everybody sees it', async ({ page }) => {
  await changeLetting(page, 5);
});

test('staff changes a letting, and everybody sees it, without scripts', async ({ page }) => {
  await takeScriptsAway(page);
  await changeLetting(page, 6);
});

test('the theme is the one that the visitor has chosen', async ({}, info) => {
  // The protocol cannot choose it, a setting of the browser can.
  const { channel, launchOptions } = info.project.use;
  for (const theme of THEMES) {
    const firefoxUserPrefs = {
      ...launchOptions?.firefoxUserPrefs,
      'layout.css.prefers-color-scheme.content-override': theme === 'dark' ? 0 : 1,
    };
    const browser = await firefox.launch({ ...launchOptions, channel, firefoxUserPrefs });
    const page = await browser.newPage();
    await page.goto(SITES.six);
    const { ground, text } = await page.evaluate(brightness);
    expect(ground > text, theme).toBe(theme === 'light');
    await browser.close();
  }
});

/** @param {Page} page */
async function goToLetting(page) {
  await page.goto(SITES.six);
  await page.locator('main a[href="/lettings/"]').first().click();
  await expect(heading(page)).toHaveText('Lettings');
  await page.locator('main a[href="/lettings/6/"]').first().click();
  await expect(heading(page)).toHaveText('Underground Hygge');
  await expect(page.getByRole('main')).toContainText('588 Argyle Avenue');
  await page.getByRole('button', { name: 'Français' }).click();
  await expect(page).toHaveURL(`${SITES.six}/lettings/6/`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', /^en/);
}

/**
 * @param {Page} page
 * @param {number} letting One that no other test looks at.
 */
async function changeLetting(page, letting) {
  const title = `Seen in a second engine, ${letting}`;
  await page.goto(`${SITES.staff}/admin/lettings/letting/${letting}/change/`);
  await page.locator('#username').fill('ann');
  await page.locator('#password').fill('tulip-anchor-9');
  await page.locator('#password').press('Enter');
  await expect(page.locator('#id_title')).not.toHaveValue('');
  await page.locator('#id_title').fill(title);
  await page.locator('[name=_save]').click();
  await expect(page).toHaveURL(`${SITES.staff}/admin/lettings/letting/`);
  await expect(page.locator('main')).toContainText(title);
  await page.goto(`${SITES.staff}/lettings/${letting}/`);
  await expect(heading(page)).toHaveText(title);
}

/** @param {Page} page */
function heading(page) {
  return page.getByRole('heading', { level: 1 });
}

/**
 * Has every script of a page be empty: the protocol cannot forbid scripts, but our policy lets none
 * run that is not a file.
 *
 * @param {Page} page
 */
async function takeScriptsAway(page) {
  await page.route('**/*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
}
