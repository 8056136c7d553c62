// @ts-check
// A home is found: by place, by words, by filters; with the keyboard alone, on a phone, without scripts.
import { bringAxe, violations } from '../accessibility.js';
import { expect, test } from '../browser.js';
import { overflowing, smallTargets } from '../layout.js';
import { SITES } from '../sites.js';

const PIER = 'Pier End Studio';

test('from home to a letting by its place', async ({ page }) => {
  await page.goto(`${SITES.demo}/en/`);
  await where(page).fill('newport beach');
  await find(page).click();
  await expect(page).toHaveURL(/\/en\/lettings\/\?place=newport\+beach/);
  await expect(total(page)).toHaveText('1 home in newport beach');
  await page.getByRole('link', { name: PIER }).click();
  await expect(heading(page)).toHaveText(PIER);
  await page.getByRole('navigation').getByRole('link', { name: 'California' }).click();
  await expect(heading(page)).toHaveText('Holiday homes in California');
  await expect(total(page)).toHaveText('13 homes');
});

test('from home to a letting by words, one of them misspelt', async ({ page }) => {
  await page.goto(`${SITES.demo}/fr/`);
  await page.getByLabel('Mots').fill('retraet oceanview');
  await page.getByRole('button', { name: 'Rechercher' }).first().click();
  await expect(page.locator('.forgiven')).toContainText('retreat');
  await page.getByRole('link', { name: /Oceanview Retreat/ }).first().click();
  await expect(heading(page)).toHaveText(/Oceanview Retreat/);
});

test('from home to a letting by filters, which are taken off again', async ({ page }) => {
  await page.goto(`${SITES.demo}/en/`);
  await where(page).fill('california');
  await page.getByText('More filters').click();
  await page.getByLabel('Bedrooms, at least').fill('2');
  await page.getByLabel('Order').selectOption('price');
  await find(page).last().click();
  const narrowed = await count(page);
  expect(narrowed).toBeGreaterThan(0);
  expect(narrowed).toBeLessThan(13);
  await page.getByRole('link', { name: 'Take off: 2 bedrooms or more' }).click();
  await expect(total(page)).toHaveText('13 homes in california');
  await page.getByRole('link', { name: 'Take off: Where: california' }).click();
  await expect(total(page)).toHaveText('35 homes');
});

test('a suggestion is chosen with the keyboard alone', async ({ page }) => {
  await page.goto(`${SITES.demo}/en/lettings/`);
  const field = page.getByRole('combobox', { name: 'Words' });
  await field.focus();
  await page.keyboard.type('newp');
  const list = page.getByRole('listbox');
  await expect(list.getByRole('option')).toHaveText([
    'Newport Beach, California Place',
    'Newport News, Virginia Place',
  ]);
  await expect(field).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await expect(field).toHaveValue('newp');
  await page.keyboard.press('ArrowDown');
  const chosen = list.getByRole('option', { selected: true });
  await expect(chosen).toContainText('Newport Beach');
  await expect(field).toHaveAttribute('aria-activedescendant', (await chosen.getAttribute('id')) ?? '');
  await page.keyboard.press('ArrowUp');
  await expect(chosen).toHaveCount(0);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${SITES.demo}/en/lettings/in/us/ca/newport-beach/`);
});

test('a place that is suggested is filled in, and Enter without a choice searches', async ({ page }) => {
  await page.goto(`${SITES.demo}/fr/`);
  const field = page.getByRole('combobox', { name: 'Lieu' });
  await field.pressSequentially('californ');
  await page.getByRole('option', { name: /Californie/ }).click();
  await expect(field).toHaveValue('Californie');
  await expect(page.getByRole('listbox')).toHaveCount(0);
  await field.press('Enter');
  await expect(page).toHaveURL(/\/fr\/lettings\/\?place=Californie/);
  await expect(total(page)).toHaveText('13 locations pour « Californie »');
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const width of [375, 1280]) {
    test(`suggestions fit and are accessible: ${width} px, ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      for (const prefix of ['en', 'fr']) {
        await page.goto(`${SITES.demo}/${prefix}/lettings/`);
        await bringAxe(page);
        await page.getByRole('combobox').nth(1).pressSequentially('sa');
        const list = page.getByRole('listbox', { includeHidden: false }).and(page.locator('.suggestions'));
        await expect(list.getByRole('option').first()).toBeVisible();
        await page.keyboard.press('ArrowDown');
        await expect(list.getByRole('option', { selected: true })).toBeVisible();
        expect(await violations(page)).toEqual([]);
        expect(await page.evaluate(overflowing)).toEqual([]);
        expect(await page.evaluate(smallTargets)).toEqual([]);
      }
    });
  }
}

test('a profile is found by name', async ({ page }) => {
  await page.goto(`${SITES.demo}/en/profiles/`);
  await bringAxe(page);
  expect(await violations(page)).toEqual([]);
  const first = page.locator('.person .title').first();
  const name = await first.innerText();
  await page.getByRole('searchbox', { name: 'Name' }).fill(name);
  await page.keyboard.press('Enter');
  await expect(first).toHaveText(name);
  await bringAxe(page);
  expect(await violations(page)).toEqual([]);
  await page.getByRole('link', { name: 'All profiles' }).click();
  await expect(page).toHaveURL(`${SITES.demo}/en/profiles/`);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false, viewport: { width: 375, height: 700 } });

  test('a letting is found on a phone', async ({ page }) => {
    await page.goto(`${SITES.demo}/en/`);
    await expect(page.getByRole('combobox', { name: 'Where' })).toHaveCount(0);
    await page.getByRole('searchbox', { name: 'Where' }).fill('newport');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: PIER }).click();
    await expect(heading(page)).toHaveText(PIER);
  });
});

/** @param {import('@playwright/test').Page} page */
function heading(page) {
  return page.getByRole('heading', { level: 1 });
}

/** @param {import('@playwright/test').Page} page */
function where(page) {
  return page.getByLabel('Where');
}

/** @param {import('@playwright/test').Page} page */
function find(page) {
  return page.getByRole('button', { name: 'Search' }).first();
}

/** @param {import('@playwright/test').Page} page */
function total(page) {
  return page.locator('p.total');
}

/** @param {import('@playwright/test').Page} page */
async function count(page) {
  return Number.parseInt(await total(page).innerText(), 10);
}
