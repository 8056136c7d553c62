// @ts-check
// The pages at which staff keeps the site: every kind of page, in both languages and themes.
import { expect, test } from '../browser.js';
import { LANGUAGES, SITES } from '../sites.js';
import { expectGood, logIn } from '../staff.js';

const PAGES = [
  ['index', '/admin/'],
  ['app', '/admin/lettings/'],
  ['list', '/admin/lettings/letting/'],
  ['list-narrowed', '/admin/lettings/letting/?q=e&o=1.-2&_facets=True'],
  ['list-nothing', '/admin/lettings/letting/?q=nothing-is-called-so'],
  ['list-users', '/admin/auth/user/'],
  ['list-dates', '/admin/auth/user/?date_joined__year=2020&last_login__within=none'],
  ['add', '/admin/lettings/letting/add/'],
  ['home-add', '/admin/homes/home/add/?letting=1'],
  ['photos-none', '/admin/lettings/letting/1/photos/'],
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
      await page.locator('#id_country_iso_code').selectOption('USA');
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
  await expect(found).toHaveText('Bristol, 597 Harbor Street');
  // As a browser does when the proposal is taken.
  await field.fill('1597');
  await expect(page.locator('output[for=id_address]')).toHaveText('Bristol, 597 Harbor Street');
  await expectGood(page, 'add-many-en');
  // Without a title it is not saved.
  await page.locator('[name=_save]').click();
  await expect(page.locator('#id_title')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#id_address')).toHaveValue('1597');
  await expect(page.locator('output[for=id_address]')).toHaveText('Bristol, 597 Harbor Street');
});

for (const language of LANGUAGES) {
  test.describe(() => {
    test.use({ locale: language });

    for (const list of ['lettings/letting', 'lettings/address', 'auth/user']) {
      test(`a screen holds many rows of a list: ${list}, ${language}`, async ({ page }) => {
        await logIn(page, 'ann', SITES.hundred);
        for (const [width, height, rows] of [
          [1280, 900, 15],
          [375, 812, 3],
        ]) {
          await page.setViewportSize({ width, height });
          await page.goto(`${SITES.hundred}/admin/${list}/`);
          const found = await page.evaluate(() => {
            const rows = [...document.querySelectorAll('.list tbody tr')];
            const boxes = rows.map((row) => row.getBoundingClientRect());
            return {
              whole: boxes.filter((box) => box.bottom <= innerHeight).length,
              highest: Math.max(...boxes.map((box) => box.height)),
            };
          });
          expect.soft(found.whole, `${width} px`).toBeGreaterThanOrEqual(rows);
          if (width === 1280) expect.soft(found.highest).toBeLessThanOrEqual(40);
        }
        await expectGood(page, `hundred-${list.replace('/', '-')}-${language}`);
      });
    }
  });
}

test('the keyboard passes the head of a list', async ({ page }) => {
  await logIn(page);
  await page.goto(`${SITES.staff}/admin/lettings/letting/`);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the search' })).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.locator('#q')).toBeFocused();
  await page.goto(`${SITES.staff}/admin/lettings/letting/`);
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the list' })).toBeInViewport();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.locator('[data-all]')).toBeFocused();
});

test.describe(() => {
  test.use({ javaScriptEnabled: false });

  test('filters fold away on a phone', async ({ page }) => {
    await logIn(page);
    await page.goto(`${SITES.staff}/admin/lettings/letting/`);
    const state = page.getByLabel('State', { exact: true });
    await expect(state).toBeVisible();
    await page.setViewportSize({ width: 375, height: 812 });
    await expect(state).toBeHidden();
    await page.getByText('Filters').click();
    await state.selectOption('OH');
    await page.getByRole('button', { name: 'Filter' }).click();
    await expect(page.locator('.list tbody tr')).toHaveCount(1);
    await expect(page.getByText('Filters (1)')).toBeVisible();
    await page.locator('#q').fill('nobody');
    await page.locator('#q').press('Enter');
    await expect(page.locator('.list tbody tr')).toHaveCount(0);
    await page.getByRole('link', { name: 'Show all again' }).click();
    await expect(page.locator('.list tbody tr').first()).toBeVisible();
  });

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
