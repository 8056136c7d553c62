// @ts-check
// A letting with as many photos as a home may have, made in the admin as an owner makes it.
import { readFile } from 'node:fs/promises';

/** How many photos a home may have. */
export const PHOTOS = 30;

/** The letting of the fixture `six` that is described. */
const LETTING = 3;

const SCENE = new URL('../crates/site/src/demo/photos/white-house/960.webp', import.meta.url);

/**
 * Describes a letting and sends its photos; gives the address of its page. Somebody has logged in.
 *
 * @param {import('@playwright/test').Page} page
 * @param {string} site
 */
export async function makeThirty(page, site) {
  const files = await photos(page);
  await page.goto(`${site}/admin/homes/home/add/?letting=${LETTING}`);
  await page.locator('[name=_continue]').click();
  await page.locator('.ways a[href$="/photos/"]').click();
  await page.locator('#photo').setInputFiles(files);
  await page.locator('.photos li').nth(PHOTOS - 1).waitFor({ timeout: 300_000 });
  return `${site}/lettings/${LETTING}/`;
}

/**
 * So many photos of 1,920 pixels, each of another part of a scene of the demo data.
 *
 * @param {import('@playwright/test').Page} page
 */
async function photos(page) {
  const scene = (await readFile(SCENE)).toString('base64');
  const files = [];
  // The policy of a page of the site would allow no picture in an address.
  await page.goto('about:blank');
  await page.setViewportSize({ width: 1920, height: 1280 });
  for (let number = 1; number <= PHOTOS; number += 1) {
    const image = `<img src="data:image/webp;base64,${scene}" style="width: ${100 + number}vw">`;
    await page.setContent(`<body style="margin: 0; overflow: hidden">${image}</body>`);
    const buffer = await page.screenshot({ type: 'jpeg', quality: 90 });
    files.push({ name: `photo-${number}.jpg`, mimeType: 'image/jpeg', buffer });
  }
  return files;
}
