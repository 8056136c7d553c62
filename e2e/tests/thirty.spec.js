// @ts-check
// A letting with as many photos as a home may have is light before anybody scrolls.
import { expect, test } from '../browser.js';
import { SITES } from '../sites.js';
import { logIn } from '../staff.js';
import { PHOTOS, makeThirty } from '../thirty.js';
import { transferred } from '../weight.js';

const MOST = 350_000;

const SCREENS = [
  { viewport: { width: 375, height: 812 }, deviceScaleFactor: 2 },
  { viewport: { width: 375, height: 812 }, deviceScaleFactor: 3 },
  { viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1 },
  { viewport: { width: 1280, height: 900 }, deviceScaleFactor: 2 },
];

test('a letting with thirty photos is light', async ({ page, browser }) => {
  test.setTimeout(600_000);
  await logIn(page);
  const address = await makeThirty(page, SITES.staff);
  for (const screen of SCREENS) {
    const context = await browser.newContext(screen);
    const visit = await context.newPage();
    /** @type {string[]} */
    const asked = [];
    visit.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const bytes = await transferred(visit, address);
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
