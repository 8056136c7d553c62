// @ts-check
// The language is the browser's, until somebody chooses another.
import { expect, test } from '../browser.js';
import { SITES } from '../sites.js';

for (const javaScriptEnabled of [true, false]) {
  test.describe(`with JavaScript: ${javaScriptEnabled}`, () => {
    test.use({ javaScriptEnabled });

    test('the switch leads back to the same page and is remembered', async ({ page }) => {
      await page.goto(`${SITES.hundred}/lettings/?page=2`);
      await expect(heading(page)).toHaveText('Lettings');
      await page.getByRole('button', { name: 'Français' }).click();
      await expect(page).toHaveURL(`${SITES.hundred}/lettings/?page=2`);
      await expect(heading(page)).toHaveText('Locations');
      await expect(page.locator('html')).toHaveAttribute('lang', 'fr');

      await page.goto(SITES.hundred);
      await expect(heading(page)).toHaveText('Bienvenue dans nos maisons de vacances');
      await page.getByRole('button', { name: 'English' }).click();
      await expect(page).toHaveURL(`${SITES.hundred}/`);
      await expect(heading(page)).toHaveText('Welcome to Holiday Homes');
    });
  });
}

test('the switch leads back to an address that does not exist', async ({ page }) => {
  await page.goto(`${SITES.six}/nothing-is-here/`);
  await page.getByRole('button', { name: 'Français' }).click();
  await expect(page).toHaveURL(`${SITES.six}/nothing-is-here/`);
  await expect(heading(page)).toHaveText('Page introuvable');
});

test.describe('a French browser', () => {
  test.use({ locale: 'fr-CA' });

  test('is answered in French', async ({ page }) => {
    await page.goto(`${SITES.six}/profiles/AirWow/`);
    await expect(page.getByRole('term').first()).toHaveText('Prénom');
  });
});

/** @param {import('@playwright/test').Page} page */
function heading(page) {
  return page.getByRole('heading', { level: 1 });
}
