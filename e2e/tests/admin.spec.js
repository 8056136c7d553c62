// @ts-check
// The pages at which staff keeps the site: every kind of page, in both languages and themes.
import { bringAxe, violations } from '../accessibility.js';
import { expect, test } from '../browser.js';
import { mistakes } from '../html.js';
import { overflowing, smallTargets } from '../layout.js';
import { LANGUAGES, OUTPUT, SITES, THEMES } from '../sites.js';

const PAGES = [
  ['index', '/admin/'],
  ['app', '/admin/lettings/'],
  ['list', '/admin/lettings/letting/'],
  ['list-narrowed', '/admin/lettings/letting/?q=e&o=1.-2&_facets=True'],
  ['list-nothing', '/admin/lettings/letting/?q=nothing-is-called-so'],
  ['list-users', '/admin/auth/user/'],
  ['list-dates', '/admin/auth/user/?date_joined__year=2020&last_login__within=none'],
  ['add', '/admin/lettings/letting/add/'],
  ['change', '/admin/lettings/letting/1/change/'],
  ['user', '/admin/auth/user/1/change/'],
  ['user-add', '/admin/auth/user/add/'],
  ['user-password', '/admin/auth/user/1/password/'],
  ['group-add', '/admin/auth/group/add/'],
  ['delete', '/admin/lettings/address/1/delete/'],
  ['history', '/admin/lettings/letting/1/history/'],
];

for (const language of LANGUAGES) {
  test.describe(() => {
    test.use({ locale: language });

    test(`every page of the admin, ${language}`, async ({ page }) => {
      test.slow();
      await logIn(page);
      for (const [name, path] of PAGES) {
        await page.goto(SITES.staff + path);
        await expectGood(page, `${name}-${language}`);
      }
      await page.goto(`${SITES.staff}/admin/lettings/address/add/`);
      await page.locator('#id_number').fill('123456');
      await page.locator('#id_street').fill('Bay Road');
      await page.locator('[name=_save]').click();
      await expect(page.getByRole('alert')).toBeVisible();
      await expect(page.locator('#id_street')).toHaveValue('Bay Road');
      await expect(page.locator('#id_number')).toHaveAttribute('aria-invalid', 'true');
      await expectGood(page, `refused-${language}`);
    });
  });
}

for (const language of LANGUAGES) {
  test.describe(() => {
    test.use({ locale: language });

    test(`what the admin says in between, ${language}`, async ({ page, context }) => {
      test.slow();
      await logIn(page);
      const title = `Lighthouse, ${language}`;
      await page.goto(`${SITES.staff}/admin/lettings/letting/add/`);
      await page.locator('#id_title').fill(title);
      await page.locator('[name=_go][value="address:choose"]').click();
      await expectGood(page, `choose-${language}`);
      await page.goto(`${SITES.staff}/admin/lettings/address/add/`);
      await page.locator('#id_number').fill('12');
      await page.locator('#id_street').fill(title);
      await page.locator('#id_city').fill('Bar Harbor');
      await page.locator('#id_state').fill('ME');
      await page.locator('#id_zip_code').fill('4609');
      await page.locator('#id_country_iso_code').fill('USA');
      await page.locator('[name=_continue]').click();
      await expectGood(page, `added-${language}`);

      const other = await context.newPage();
      await other.goto(page.url());
      await other.locator('#id_city').fill('Rockland');
      await other.locator('[name=_save]').click();
      await page.locator('#id_city').fill('Camden');
      await page.locator('[name=_save]').click();
      await expect(page.locator('#id_city')).toHaveValue('Camden');
      await expect(page.getByText('Rockland')).toBeVisible();
      await expectGood(page, `conflict-${language}`);
      await page.locator('[name=_continue]').click();
      await expect(page.locator('#id_city')).toHaveValue('Camden');
      await page.goto(page.url().replace('change', 'history'));
      await expect(page.locator('main tbody tr')).toHaveCount(3);
      await expectGood(page, `history-long-${language}`);
      await page.goto(page.url().replace('history', 'delete'));
      const question = page.url();
      await other.goto(question);
      await page.goto(`${SITES.staff}/admin/lettings/letting/add/`);
      await page.locator('#id_title').fill(title);
      const key = question.match(/(\d+)\/delete/)?.[1] ?? '';
      await page.locator('#id_address').selectOption(key);
      await page.locator('[name=_continue]').click();
      // Something has come to it since the question.
      await other.locator('button.danger').click();
      await expect(other.getByRole('alert')).toBeVisible();
      await expectGood(other, `delete-other-${language}`);
      await other.locator('button.danger').click();
      // It went along, while its form was open.
      await page.locator('[name=_save]').click();
      await expect(page.getByRole('alert')).toBeVisible();
      await expect(page.locator('#id_title')).toHaveValue(title);
      await expectGood(page, `gone-${language}`);
    });

    test(`what the admin says of a deletion, ${language}`, async ({ page }) => {
      await logIn(page);
      await page.goto(`${SITES.staff}/admin/auth/group/add/`);
      await page.locator('#id_name').fill(`Gone, ${language}`);
      await page.locator('[name=_continue]').click();
      await page.goto(page.url().replace('change', 'delete'));
      await page.locator('button.danger').click();
      await expectGood(page, `deleted-${language}`);
    });

    test(`what the admin says to who may only look, ${language}`, async ({ page }) => {
      test.slow();
      await logIn(page, 'vic');
      for (const [name, path] of [
        ['index', '/admin/'],
        ['list', '/admin/lettings/letting/'],
        ['view', '/admin/lettings/letting/1/change/'],
        ['delete', '/admin/lettings/address/1/delete/'],
        ['forbidden', '/admin/auth/user/'],
      ]) {
        await page.goto(SITES.staff + path);
        await expectGood(page, `looker-${name}-${language}`);
      }
    });
  });
}

test('boxes are selected one by one, in ranges and all at once', async ({ page }) => {
  await logIn(page);
  await page.goto(`${SITES.staff}/admin/lettings/letting/`);
  const boxes = page.locator('[name=_selected_action]');
  await boxes.nth(0).click();
  await boxes.nth(2).click({ modifiers: ['Shift'] });
  await expect(page.locator('[name=_selected_action]:checked')).toHaveCount(3);
  await expect(page.locator('.actions-bar [role=status]')).toHaveText('3 selected');
  await page.locator('[data-all]').check();
  await expect(page.locator('[name=_selected_action]:checked')).toHaveCount(await boxes.count());
  await page.locator('#action').selectOption('delete_selected');
  await page.locator('.actions-bar button').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Delete these?');
  await page.locator('.bar a').click();
  await expect(page).toHaveURL(`${SITES.staff}/admin/lettings/letting/`);
});

test('permissions are searched and chosen', async ({ page }) => {
  await logIn(page);
  await page.goto(`${SITES.staff}/admin/auth/group/add/`);
  await page.locator('.chooser input[type=search]').fill('can view group');
  const shown = page.locator('.chooser li:not([hidden])');
  await expect(shown).toHaveCount(1);
  await shown.locator('input').check();
  await expect(page.locator('#id_permissions option:checked')).toHaveCount(1);
  // Without a name it is not saved, and what was chosen is kept.
  await page.locator('[name=_save]').click();
  await expect(page.locator('#id_permissions option:checked')).toHaveCount(1);
});

test('a form that is left for an address keeps what was typed', async ({ page }) => {
  await logIn(page);
  await page.goto(`${SITES.staff}/admin/lettings/letting/add/`);
  await page.locator('#id_title').fill('By the sea');
  await page.locator('[name=_go][value="address:choose"]').click();
  await page.locator('tbody th a').first().click();
  await expect(page.locator('#id_title')).toHaveValue('By the sea');
  await expect(page.locator('#id_address')).not.toHaveValue('');
});

test('one of very many is found by what it is called', async ({ page }) => {
  await logIn(page, 'ann', SITES.hundred);
  await page.goto(`${SITES.hundred}/admin/lettings/letting/add/`);
  const field = page.locator('#id_address');
  await field.pressSequentially('597 harb');
  const found = page.locator('#id_address-found option');
  await expect(found).toHaveCount(1);
  await expect(found).toHaveText('597 Harbor Street');
  // As a browser does when the proposal is taken.
  await field.fill('1597');
  await expect(page.locator('output[for=id_address]')).toHaveText('597 Harbor Street');
  await expectGood(page, 'add-many-en');
  // Without a title it is not saved.
  await page.locator('[name=_save]').click();
  await expect(page.locator('#id_title')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#id_address')).toHaveValue('1597');
  await expect(page.locator('output[for=id_address]')).toHaveText('597 Harbor Street');
});

test.describe(() => {
  test.use({ javaScriptEnabled: false });

  test('without scripts', async ({ page }) => {
    await logIn(page);
    await page.goto(`${SITES.staff}/admin/auth/group/add/`);
    await page.locator('#id_permissions').selectOption({ label: 'auth | group | Can view group' });
    await page.locator('[name=_save]').click();
    await expect(page.locator('#id_name')).toHaveAttribute('aria-invalid', 'true');
    await expect(page.locator('#id_permissions option:checked')).toHaveCount(1);
    await page.goto(`${SITES.staff}/admin/lettings/letting/`);
    await page.locator('[name=_selected_action]').first().check();
    await page.locator('#action').selectOption('delete_selected');
    await page.locator('.actions-bar button').click();
    await expect(page.locator('.doomed h2')).toHaveText(['1 letting']);
  });
});

/**
 * @param {import('@playwright/test').Page} page
 * @param {string} name
 * @param {string} site
 */
async function logIn(page, name = 'ann', site = SITES.staff) {
  await page.goto(`${site}/admin/login/`);
  await page.locator('#username').fill(name);
  await page.locator('#password').fill('tulip-anchor-9');
  await page.locator('#password').press('Enter');
  await expect(page).toHaveURL(`${site}/admin/`);
}

/**
 * The rules of every page.
 *
 * @param {import('@playwright/test').Page} page
 * @param {string} name
 */
async function expectGood(page, name) {
  expect.soft(await mistakes(await page.content()), name).toEqual([]);
  await bringAxe(page);
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    for (const width of [1280, 375, 320]) {
      await page.setViewportSize({ width, height: 800 });
      expect.soft(await page.evaluate(overflowing), `${name}, ${width} px`).toEqual([]);
      expect.soft(await page.evaluate(smallTargets), `${name}, ${width} px`).toEqual([]);
      const path = `${OUTPUT}/pages/admin-${name}-${width}-${theme}.png`;
      await page.screenshot({ path, fullPage: true });
    }
    expect.soft(await violations(page), `${name}, ${theme}`).toEqual([]);
  }
}
