// @ts-check
// What one can do with the address of a letting.
import { expect, test } from '../browser.js';
import { SITES } from '../sites.js';

test('the address is copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${SITES.six}/lettings/5/`);
  await page.getByRole('button', { name: 'Copy the address' }).click();
  await expect(page.getByRole('status')).toHaveText('Copied');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.split('\n')).toEqual(['9606 Harvard Street', 'Aliquippa, PA 15001', 'United States']);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('nothing is offered that does not work', async ({ page }) => {
    await page.goto(`${SITES.six}/lettings/5/`);
    await expect(page.getByRole('button', { name: 'Copy the address' })).toBeHidden();
    await expect(page.getByRole('link', { name: 'See it on OpenStreetMap' })).toBeVisible();
  });
});

test('a map application is offered where there may be one', async ({ browser }) => {
  for (const [hasTouch, shown] of /** @type {const} */ ([[true, 1], [false, 0]])) {
    const page = await browser.newPage({ hasTouch, isMobile: hasTouch });
    await page.goto(`${SITES.six}/lettings/5/`);
    const link = page.getByRole('link', { name: 'Open in a map application' });
    await expect(link).toHaveCount(shown);
    await page.close();
  }
});

test('a letting leads to the next and back to the one before', async ({ page }) => {
  await page.goto(`${SITES.six}/lettings/1/`);
  await expect(page.getByRole('link', { name: /^Previous/ })).toHaveCount(0);
  await page.getByRole('link', { name: /^Next/ }).click();
  await expect(page).toHaveURL(`${SITES.six}/lettings/2/`);
  await page.getByRole('link', { name: /^Previous/ }).click();
  await expect(page).toHaveURL(`${SITES.six}/lettings/1/`);
});
