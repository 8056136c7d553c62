// @ts-check
// The documentation as `make docs` builds it: it is searched in both languages, leads from one to the
// other, and asks no other host for anything.
import path from 'node:path';

import { test as base, expect } from '@playwright/test';

/** Where the documentation was built. */
const FOLDER = /** @type {string} */ (process.env.BROWSER_DOCS);

/** A host that nobody has: the files are given out here. */
const HOST = 'http://documentation.example';

const test = base.extend({
  page: async ({ page }, use) => {
    /** @type {string[]} */
    const complaints = [];
    page.on('console', (message) => complaints.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`script: ${error}`));
    await page.route('**', (route) => {
      const { origin, pathname } = new URL(route.request().url());
      if (origin === HOST) {
        return route.fulfill({ path: path.join(FOLDER, decodeURIComponent(pathname)) });
      }
      complaints.push(`request to ${route.request().url()}`);
      return route.abort();
    });
    await use(page);
    expect(complaints).toEqual([]);
  },
});

/** What is typed, and how the words begin that are found, without their accents. */
const SEARCHES = [
  ['en', 'backup', 'backup'],
  ['en', 'settings', 'setting'],
  ['fr', 'été', 'ete'],
  ['fr', 'équipement', 'equipement'],
  ['fr', 'equipement', 'equipement'],
  ['fr', 'sauvegardes', 'sauvegarde'],
];

for (const [language, typed, expected] of SEARCHES) {
  test(`${typed} is found, ${language}`, async ({ page }) => {
    await page.goto(`${HOST}/${language}/index.html`);
    await page.locator('#mdbook-search-toggle').click();
    await page.locator('#mdbook-searchbar').pressSequentially(typed);
    const first = page.locator('#mdbook-searchresults li').first();
    await expect(first).toBeVisible();
    const found = await page.locator('#mdbook-searchresults li').allTextContents();
    const text = found.join(' ').toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
    expect(text).toContain(expected);
    await first.locator('a').click();
    await expect(page).toHaveURL(/highlight=/);
    await expect(page.locator('main')).toBeVisible();
  });
}

test('a page leads to itself in the other language, and the start to both', async ({ page }) => {
  await page.goto(`${HOST}/index.html`);
  await page.getByRole('link', { name: 'English' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.goto(`${HOST}/en/reference/metrics.html`);
  await page.locator('.right-buttons a[lang=fr]').click();
  await expect(page).toHaveURL(`${HOST}/fr/reference/metrics.html`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
  await page.locator('.right-buttons a[lang=en]').click();
  await expect(page).toHaveURL(`${HOST}/en/reference/metrics.html`);
});
