// @ts-check
// A guest asks about a home, with scripts and without; staff sees to it.
import { expect, test } from '../browser.js';
import { SITES } from '../sites.js';
import { expectGood, logIn } from '../staff.js';

for (const javaScriptEnabled of [false, true]) {
  test.describe(() => {
    test.use({ javaScriptEnabled, viewport: { width: 375, height: 812 } });

    test(`a guest asks on a phone, scripts: ${javaScriptEnabled}`, async ({ page }) => {
      test.slow();
      // The rules of every page are looked for by scripts.
      const expectIt = async (/** @type {string} */ name) => {
        if (javaScriptEnabled) await expectGood(page, name);
      };
      await page.goto(`${SITES.demo}/lettings/?sort=price`);
      await page.locator('.card a').first().click();
      await page.getByRole('link', { name: 'Ask about this home' }).click();
      await expect(page.getByRole('heading', { level: 1 })).toContainText('Ask about');
      await expectIt('enquiry');
      await page.getByLabel('Your name').fill(`Ann Guest ${javaScriptEnabled}`);
      await page.getByLabel('Your e-mail address').fill('ann@example.com');
      await page.locator('#from').fill('2031-03-07');
      await page.locator('#to').fill('2031-03-05');
      await page.locator('#adults').fill('1');
      await page.getByLabel('Your message').fill('Is there a bus?');
      await send(page);
      await expect(page.locator('#to-error')).toHaveText('The departure has to be after the arrival.');
      await expect(page.getByLabel('Your message')).toHaveValue('Is there a bus?');
      await expectIt('enquiry-wrong');
      await page.locator('#to').fill('2031-03-21');
      await page.getByRole('button', { name: 'Show the total' }).click();
      await expect(page.locator('.bill')).toBeVisible();
      await expect(page.getByLabel('Your name')).toHaveValue(`Ann Guest ${javaScriptEnabled}`);
      // Whoever is as fast as a program is asked to send it once more, and has lost nothing.
      const thanks = page.getByRole('heading', { name: 'Thank you for your enquiry' });
      await expect(async () => {
        await send(page);
        await expect(thanks).toBeVisible({ timeout: 1_000 });
      }).toPass({ timeout: 30_000, intervals: [4_000] });
      await expectIt('enquiry-thanks');
      expect(new URL(page.url()).search).toMatch(/^\?number=[2-9A-Z]{4}-[2-9A-Z]{4}$/);
    });
  });
}

test('staff sees to enquiries', async ({ page }) => {
  test.slow();
  await logIn(page, 'ann', SITES.homes);
  const pages = ['enquiries', 'answers', 'answers/new', 'person', 'legal', 'legal/privacy/change'];
  for (const path of pages) {
    await page.goto(`${SITES.homes}/admin/guests/${path}/`);
    await expectGood(page, `guests-${path.replaceAll('/', '-')}`);
  }
});

/** @param {import('@playwright/test').Page} page */
async function send(page) {
  await page.getByRole('button', { name: 'Send the enquiry' }).click();
}
