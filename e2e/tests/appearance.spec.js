// @ts-check
// Pages look as they did when somebody last looked at them. `make screenshots` takes the pictures
// anew; read the difference before it is committed. Two of each page are enough to see a change:
// the pictures stay small, and what holds for all widths, themes and languages is tested by rule.
import { test, visit } from '../browser.js';
import { expectPicture } from '../pictures.js';
import { DEMO, SIX, PAGES } from '../sites.js';

const VIEWS = [
  { width: 375, theme: /** @type {const} */ ('dark') },
  { width: 1280, theme: /** @type {const} */ ('light') },
];

for (const { width, theme } of VIEWS) {
  test.describe(() => {
    test.use({ colorScheme: theme, viewport: { width, height: 800 } });
    for (const wanted of SIX) {
      test(`${wanted.name}, ${width} px, ${theme}`, async ({ page }) => {
        await visit(page, wanted);
        const name = `${wanted.name}-${width}-${theme}.png`;
        await expectPicture(page, name, { fullPage: true });
      });
    }
  });
}

test('the top of a long list', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  const list = PAGES.find(({ name }) => name === 'hundred-lettings-second');
  if (!list) throw new Error('there is no such page');
  await visit(page, list);
  await expectPicture(page, 'hundred-lettings-second-1280-light.png');
});

// Their tops alone: below are prices and days that depend on today. The README shows these.
for (const wanted of DEMO) {
  test(`the top of ${wanted.name}`, async ({ page }) => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await visit(page, wanted);
    await expectPicture(page, `${wanted.name}-1280-light.png`);
  });
}
