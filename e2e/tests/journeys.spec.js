// @ts-check
// What visitors come for, step by step.
import { expect, test, visit } from '../browser.js';
import { brightness } from '../layout.js';
import { SITES, SIX, THEMES } from '../sites.js';

test('from home to a letting and back', async ({ page }) => {
  await page.goto(SITES.six);
  await expect(page).toHaveTitle('Holiday Homes');
  await expect(heading(page)).toHaveText('Welcome to Holiday Homes');

  await page.getByRole('main').getByRole('link', { name: 'Lettings', exact: true }).click();
  await expect(page).toHaveURL(`${SITES.six}/lettings/`);
  await expect(heading(page)).toHaveText('Lettings');
  expect(await linked(page, /^\/lettings\/(\d+)\/$/)).toEqual(['1', '2', '3', '4', '5', '6']);

  await page.getByRole('link', { name: 'Oceanview Retreat' }).first().click();
  await expect(page).toHaveURL(`${SITES.six}/lettings/2/`);
  await expect(page).toHaveTitle(/Oceanview Retreat/);
  await expect(heading(page)).toHaveText('Oceanview Retreat');
  for (const line of ['4 Military Street', 'Willoughby, OH 44094', 'United States']) {
    await expect(page.getByRole('main')).toContainText(line);
  }

  await page.getByRole('link', { name: 'Back', exact: true }).click();
  await expect(page).toHaveURL(`${SITES.six}/lettings/`);
  await page.goBack();
  await expect(heading(page)).toHaveText('Oceanview Retreat');
});

test('from home to a profile and back', async ({ page }) => {
  await page.goto(SITES.six);
  await page.getByRole('main').getByRole('link', { name: 'Profiles', exact: true }).click();
  await expect(page).toHaveURL(`${SITES.six}/profiles/`);
  await expect(heading(page)).toHaveText('Profiles');
  const usernames = ['HeadlinesGazer', 'DavWin', 'AirWow', '4meRomance'];
  expect(await linked(page, /^\/profiles\/([^/]+)\/$/)).toEqual(usernames);

  await page.getByRole('link', { name: 'AirWow' }).first().click();
  await expect(page).toHaveURL(`${SITES.six}/profiles/AirWow/`);
  await expect(heading(page)).toHaveText('AirWow');
  const facts = {
    'First name': 'Ada',
    'Last name': 'Paul',
    Email: 'airwow@example.com',
    'Favorite city': 'Budapest',
  };
  for (const [name, value] of Object.entries(facts)) {
    await expect(page.getByRole('term').filter({ hasText: name })).toBeVisible();
    await expect(page.getByRole('definition').filter({ hasText: value }).first()).toBeVisible();
  }

  await page.getByRole('link', { name: 'Back', exact: true }).click();
  await expect(page).toHaveURL(`${SITES.six}/profiles/`);
});

const LISTS = {
  lettings: { address: /^\/lettings\/(\d+)\/$/, first: '1', last: '106' },
  profiles: { address: /^\/profiles\/([^/]+)\/$/, first: 'a', last: 'visitor106' },
};

for (const [list, { address, first, last }] of Object.entries(LISTS)) {
  test(`a long list of ${list}, from page to page`, async ({ page }) => {
    await page.goto(`${SITES.hundred}/${list}/`);
    const found = await linked(page, address);
    const next = page.getByRole('main').locator('a[rel~="next"]');
    while ((await next.count()) > 0) {
      await next.first().click();
      await expect(page).toHaveURL(/\?page=\d+$/);
      found.push(...(await linked(page, address)));
    }
    expect(found[0]).toBe(first);
    expect(found.at(-1)).toBe(last);
    // Each once: no page overlaps another.
    expect(new Set(found).size).toBe(106);
    expect(found.length).toBe(106);

    const previous = page.getByRole('main').locator('a[rel~="prev"]');
    while ((await previous.count()) > 0) {
      await previous.first().click();
    }
    expect(await linked(page, address)).toContain(first);
    const response = await page.goto(`${SITES.hundred}/${list}/?page=99`);
    expect(response?.status()).toBe(404);
  });
}

test('names of any script lead to their profiles', async ({ page }) => {
  for (const username of ['a.b+c-d_e@f', '大海', 'אורנית']) {
    await page.goto(`${SITES.hundred}/profiles/`);
    await page.getByRole('link', { name: username }).first().click();
    await expect(heading(page)).toHaveText(username);
  }
});

test('markup in a title is text', async ({ page }) => {
  page.on('dialog', () => {
    throw new Error('the title was run');
  });
  await page.goto(`${SITES.hundred}/lettings/7/`);
  await expect(heading(page)).toHaveText("<script>alert('letting')</script> & \"more\" — <b>bold</b>");
});

test('an address that does not exist has a way on', async ({ page }) => {
  const response = await page.goto(`${SITES.six}/lettings/999999/`);
  expect(response?.status()).toBe(404);
  await expect(heading(page)).toHaveText('Page not found');
  const main = page.getByRole('main');
  for (const path of ['/', '/lettings/', '/profiles/']) {
    await expect(main.locator(`a[href="${path}"]`).first()).toBeVisible();
  }
  await main.locator('a[href="/lettings/"]').first().click();
  await expect(heading(page)).toHaveText('Lettings');
});

test('the theme is the one the visitor has chosen in the system', async ({ page }) => {
  for (const wanted of SIX) {
    await visit(page, wanted);
    const seen = { light: { ground: 0, text: 0 }, dark: { ground: 0, text: 0 } };
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      seen[theme] = await page.evaluate(brightness);
    }
    expect(seen.light.ground, wanted.name).toBeGreaterThan(0.7);
    expect(seen.light.text, wanted.name).toBeLessThan(0.4);
    expect(seen.dark.ground, wanted.name).toBeLessThan(0.3);
    expect(seen.dark.text, wanted.name).toBeGreaterThan(0.6);
  }
});

/** @param {import('@playwright/test').Page} page */
function heading(page) {
  return page.getByRole('heading', { level: 1 });
}

/**
 * What the links of the page's content lead to, in their order: the one group of each address
 * that matches. A card may lead to the same place more than once.
 *
 * @param {import('@playwright/test').Page} page
 * @param {RegExp} address
 */
async function linked(page, address) {
  const paths = await page
    .getByRole('main')
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
  const found = paths.flatMap((path) => decodeURIComponent(address.exec(path)?.[1] ?? '') || []);
  return found.filter((value, index) => value !== found[index - 1]);
}
