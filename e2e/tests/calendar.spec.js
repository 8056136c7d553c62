// @ts-check
// Staff takes a night in a month of all homes, and the home's page shows it.
import { expect, test } from '../browser.js';
import { SITES } from '../sites.js';
import { expectGood, logIn } from '../staff.js';

test('a night is taken in two clicks', async ({ page }) => {
  test.slow();
  await logIn(page, 'ann', SITES.demo);
  // A month in which the demo data has taken nothing.
  await page.goto(`${SITES.demo}/admin/calendar/?month=2037-07&q=Oceanview`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('July 2037');
  await expectGood(page, 'calendar');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('link', { name: 'Free' }).nth(9).click();
  await expectGood(page, 'calendar-night');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('button', { name: 'Take these nights' }).click();
  await expect(page.getByText('The nights are taken.')).toBeVisible();
  await page.getByRole('link', { name: 'Blocked' }).click();
  await expect(page.locator('#arrival')).toHaveValue('2037-07-10');
  await page.getByRole('button', { name: 'Free these nights' }).click();
  await expect(page.getByRole('link', { name: 'Blocked' })).toHaveCount(0);
});

test('a phone shows three months, and all of them on request', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 812 });
  await page.goto(`${SITES.demo}/lettings/2/`);
  const months = page.locator('.months table');
  await expect(months).toHaveCount(12);
  await expect(months.nth(2)).toBeVisible();
  await expect(months.nth(3)).toBeHidden();
  await page.getByRole('link', { name: 'All twelve months' }).click();
  await expect(months.nth(11)).toBeVisible();
  const taken = months.locator('.taken').first();
  await expect(taken).toContainText('taken');
});
