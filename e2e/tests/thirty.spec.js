// @ts-check
// A letting with as many photos as a home may have is light before anybody scrolls.
import { readFile } from 'node:fs/promises';

import { expect, test } from '../browser.js';
import { SITES } from '../sites.js';
import { logIn } from '../staff.js';
import { transferred } from '../weight.js';

const MOST = 350_000;
const PHOTOS = 30;
const SCENE = new URL('../../crates/site/src/demo/photos/white-house/960.jpg', import.meta.url);

const SCREENS = [
  { viewport: { width: 375, height: 812 }, deviceScaleFactor: 2 },
  { viewport: { width: 375, height: 812 }, deviceScaleFactor: 3 },
  { viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1 },
  { viewport: { width: 1280, height: 900 }, deviceScaleFactor: 2 },
];

test('a letting with thirty photos is light', async ({ page, browser }) => {
  test.setTimeout(600_000);
  const files = await photos(page);
  await logIn(page);
  await page.goto(`${SITES.staff}/admin/homes/home/add/?letting=3`);
  await page.locator('[name=_continue]').click();
  await page.locator('.ways a[href$="/photos/"]').click();
  await page.locator('#photo').setInputFiles(files);
  await expect(page.locator('.photos li')).toHaveCount(PHOTOS, { timeout: 300_000 });
  for (const screen of SCREENS) {
    const context = await browser.newContext(screen);
    const visit = await context.newPage();
    /** @type {string[]} */
    const asked = [];
    visit.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const bytes = await transferred(visit, `${SITES.staff}/lettings/3/`);
    const shown = asked.filter((path) => path.startsWith('/photos/'));
    const name = `${screen.viewport.width} px at ${screen.deviceScaleFactor}`;
    console.log(`thirty photos, ${name}: ${bytes} bytes, ${shown.length} photos`);
    await expect(visit.locator('.gallery img')).toHaveCount(PHOTOS);
    expect(shown.length, name).toBeGreaterThan(0);
    expect(shown.filter((path) => !path.endsWith('/960.webp')), name).toEqual([]);
    expect(bytes, name).toBeLessThan(MOST);
    await context.close();
  }
  await page.goto(`${SITES.staff}/admin/homes/home/add/?letting=3`);
  await page.locator('.bar a.danger').click();
  await page.locator('button.danger').click();
});

/**
 * So many photos of 1,920 pixels, each of another part of a scene of the demo data.
 *
 * @param {import('@playwright/test').Page} page
 */
async function photos(page) {
  const scene = (await readFile(SCENE)).toString('base64');
  const files = [];
  await page.setViewportSize({ width: 1920, height: 1280 });
  for (let number = 1; number <= PHOTOS; number += 1) {
    const image = `<img src="data:image/jpeg;base64,${scene}" style="width: ${100 + number}vw">`;
    await page.setContent(`<body style="margin: 0; overflow: hidden">${image}</body>`);
    const buffer = await page.screenshot({ type: 'jpeg', quality: 90 });
    files.push({ name: `photo-${number}.jpg`, mimeType: 'image/jpeg', buffer });
  }
  return files;
}
