// @ts-check
// The pictures that pages are compared with, and the browser that took them.
import { readFileSync, writeFileSync } from 'node:fs';

import { expect, test } from './browser.js';
import { OUTPUT } from './sites.js';

/** The browser's name and major version: another one may draw letters and corners otherwise. */
const TAKEN_WITH = new URL('screenshots/browser.txt', import.meta.url);

/** The annotation by which `xtask` tells a picture that was not compared from a test left out. */
const NOT_COMPARED = 'not compared';

/**
 * Compares a page, or a part of one, with its picture. In another major version of the browser than
 * the pictures were taken with, the test is skipped, and the picture kept for somebody to look at.
 *
 * @param {import('@playwright/test').Page | import('@playwright/test').Locator} shown
 * @param {string} name
 * @param {{ fullPage?: boolean }} options
 */
export async function expectPicture(shown, name, options = {}) {
  const info = test.info();
  const page = 'page' in shown ? shown.page() : shown;
  const browser = `Chromium ${page.context().browser()?.version().split('.')[0]}`;
  if (info.config.updateSnapshots !== 'none') {
    await compare(shown, name, options);
    writeFileSync(TAKEN_WITH, `${browser}\n`);
    return;
  }
  const takenWith = readFileSync(TAKEN_WITH, 'utf8').trim();
  if (browser !== takenWith) {
    const path = `${OUTPUT}/not-compared/${name}`;
    await shown.screenshot({ path, animations: 'disabled', scale: 'css', ...options });
    const description = `taken with ${takenWith}, and this is ${browser}`;
    info.annotations.push({ type: NOT_COMPARED, description });
    test.skip(true, description);
  }
  await compare(shown, name, options);
}

/**
 * @param {import('@playwright/test').Page | import('@playwright/test').Locator} shown
 * @param {string} name
 * @param {{ fullPage?: boolean }} options
 */
async function compare(shown, name, options) {
  if ('page' in shown) await expect(shown).toHaveScreenshot(name);
  else await expect(shown).toHaveScreenshot(name, options);
}
