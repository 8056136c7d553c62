// @ts-check
// An owner makes the page of a home: on a phone, without scripts and with them.
import { expect, test } from '../browser.js';
import { SITES } from '../sites.js';
import { expectGood, logIn } from '../staff.js';

const AMENITIES = [
  'Wi-Fi',
  'Kitchen',
  'Washing machine',
  'Heating',
  'Dishwasher',
  'Bed linen',
  'Towels',
  'Parking',
  'Terrace',
  'Smoke alarm',
];

for (const javaScriptEnabled of [false, true]) {
  test.describe(() => {
    test.use({ javaScriptEnabled, viewport: { width: 375, height: 812 } });

    test(`a home is made on a phone, scripts: ${javaScriptEnabled}`, async ({ page }) => {
      test.slow();
      const files = await photos(page, 8);
      const effort = { taps: 0, fields: 0, characters: 0, checks: 0 };
      const start = Date.now();
      // The rules of every page are looked for by scripts.
      const expectIt = async (/** @type {string} */ name) => {
        const before = Date.now();
        if (javaScriptEnabled) await expectGood(page, name);
        effort.checks += Date.now() - before;
        await page.setViewportSize({ width: 375, height: 812 });
      };
      /** @param {string | import('@playwright/test').Locator} what */
      const tap = async (what) => {
        effort.taps += 1;
        await (typeof what === 'string' ? page.locator(what).first() : what).click();
      };
      /** @type {(selector: string, value: string) => Promise<void>} */
      const fill = async (selector, value) => {
        effort.fields += 1;
        effort.characters += value.length;
        await page.locator(selector).fill(value);
      };
      await page.goto(`${SITES.homes}/admin/login/`);
      await fill('#username', 'ann');
      await fill('#password', 'tulip-anchor-9');
      await tap('main form button');
      await tap('a[href="/admin/lettings/letting/add/"]');
      const title = `Gull Cottage ${javaScriptEnabled}`;
      await fill('#id_title', title);
      await fill('[id="id_address-number"]', '12');
      await fill('[id="id_address-street"]', 'Shore Road');
      await fill('[id="id_address-city"]', 'Camden');
      await fill('[id="id_address-state"]', 'ME');
      await fill('[id="id_address-zip_code"]', '4843');
      effort.taps += 2;
      await page.locator('[id="id_address-country_iso_code"]').selectOption('USA');
      await tap('[name=_continue]');
      await tap('.ways a[href*="/homes/home/add/"]');

      await fill('#id_sleeps', '6');
      await fill('#id_bedrooms', '3');
      await fill('#id_check_in', '15:00');
      await fill('#id_check_out', '10:00');
      await fill('#id_latitude', '44.20979');
      await fill('#id_longitude', '-69.06476');
      await fill('#id_summary_en', 'Three rooms above the harbor.');
      await fill('#id_summary_fr', 'Trois chambres au-dessus du port.');
      await fill('#id_description_en', 'You hear the gulls.\n\n- a porch\n- a **stove**');
      for (const name of AMENITIES) await tap(page.getByLabel(name, { exact: true }));
      await fill('#id_night_price', '180');
      await fill('#id_cleaning_price', '90');
      await fill('[id="id_season-new1-first_night"]', '2031-07-01');
      await fill('[id="id_season-new1-last_night"]', '2031-08-31');
      await fill('[id="id_season-new1-night_price"]', '240.50');
      await tap('[name=_more]');
      await fill('[id="id_season-new2-first_night"]', '2031-12-20');
      await fill('[id="id_season-new2-last_night"]', '2032-01-02');
      await fill('[id="id_season-new2-night_price"]', '260');
      await expectIt('home-form');
      await tap('[name=_continue]');
      await expect(page.locator('main .message.success, main .messages')).toContainText(title);
      await expect(page.locator('h2 .todo')).toHaveCount(0);
      await expect(page.locator('.preview strong')).toHaveText('stove');

      await tap('.ways a[href$="/photos/"]');
      // The button, each photo of the phone, and its own button.
      effort.taps += 1 + files.length + 1;
      await page.locator('#photo').setInputFiles(files);
      if (!javaScriptEnabled) await tap('.drop button');
      await expect(page.locator('.photos li')).toHaveCount(8, { timeout: 60_000 });
      await expectIt('photos');

      await tap('.ways a[href^="/lettings/"]');
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
      await expect(page.locator('.gallery img')).toHaveCount(8);
      await expect(page.getByText('from $180 a night')).toBeVisible();
      await expect(page.getByText('Carbon monoxide alarm')).toHaveCount(0);
      await expectIt('home-page');
      const seconds = (Date.now() - start - effort.checks) / 1000;
      const { taps, fields, characters } = effort;
      // Two seconds for a tap, or for finding a field, and three characters a second, as on phones.
      const minutes = ((taps + fields) * 2 + characters / 3) / 60;
      console.log(
        `a home with 8 photos, 10 amenities and 2 seasons, scripts: ${javaScriptEnabled}: ${taps} taps, ` +
          `${fields} fields of ${characters} characters, ${seconds.toFixed(1)} s of the machine, ` +
          `${minutes.toFixed(1)} minutes of the owner`,
      );
      expect(minutes).toBeLessThan(15);
      await page.goto(`${page.url()}?from=2031-07-05&to=2031-07-12&adults=2`);
      await expectIt('home-quote');
      await expect(page.getByText('$1,773.50')).toBeVisible();
    });
  });
}

test('photos are looked at in full screen by keys', async ({ page }) => {
  test.slow();
  const files = await photos(page, 3);
  await logIn(page, 'ann', SITES.homes);
  await page.goto(`${SITES.homes}/admin/homes/home/add/?letting=2`);
  await page.locator('[name=_continue]').click();
  await page.locator('.ways a[href$="/photos/"]').click();
  await page.locator('#photo').setInputFiles(files);
  await expect(page.locator('.photos li')).toHaveCount(3, { timeout: 60_000 });
  await page.goto(`${SITES.homes}/lettings/2/`);
  const viewer = page.locator('dialog.viewer');
  await page.locator('.strip a').first().focus();
  await page.keyboard.press('Enter');
  await expect(viewer).toBeVisible();
  await expect(viewer.getByRole('status')).toHaveText('1 / 3');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(viewer.getByRole('status')).toHaveText('3 / 3');
  await page.keyboard.press('Escape');
  await expect(viewer).toBeHidden();
  await expect(page.locator('.strip a').nth(2)).toBeFocused();
});

/**
 * So many pictures of pages, as a camera would give them.
 *
 * @param {import('@playwright/test').Page} page
 * @param {number} count
 */
async function photos(page, count) {
  const files = [];
  await page.goto(`${SITES.six}/lettings/`);
  for (let number = 1; number <= count; number += 1) {
    const clip = { x: number, y: number, width: 360, height: 240 };
    const buffer = await page.screenshot({ type: 'jpeg', clip });
    files.push({ name: `photo-${number}.jpg`, mimeType: 'image/jpeg', buffer });
  }
  return files;
}
