// @ts-check
// Everything can be done with the keyboard alone, and one sees where one is.
import { expect, test, visit } from '../browser.js';
import { SITES, SIX } from '../sites.js';

/** More stops than any page has before its content. */
const MOST_STOPS = 60;

test('the first stop leads past the navigation', async ({ page }) => {
  for (const wanted of SIX) {
    await visit(page, wanted);
    await page.keyboard.press('Tab');
    const skip = page.locator(':focus');
    await expect(skip, wanted.name).toBeInViewport({ ratio: 1 });
    const target = await skip.getAttribute('href');
    expect(target, wanted.name).toMatch(/^#./);
    await expect(page.locator(`main${target}, main ${target}`)).toHaveCount(1);

    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await expect(page.locator('main :focus'), wanted.name).toBeVisible();
  }
});

test('a letting is reached by Tab and Enter', async ({ page }) => {
  await page.goto(SITES.six);
  await tabTo(page, 'a[href="/lettings/"]');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${SITES.six}/lettings/`);
  await tabTo(page, 'main a[href="/lettings/3/"]');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText("'Silo Studio' Cottage");
});

for (const wanted of SIX) {
  test(`the focus is seen at every stop: ${wanted.name}`, async ({ page }) => {
    await visit(page, wanted);
    await expectFocusIsSeenEverywhere(page);
  });
}

for (const media of [
  { colorScheme: /** @type {const} */ ('dark') },
  { forcedColors: /** @type {const} */ ('active') },
]) {
  test(`the focus is seen with ${JSON.stringify(media)}`, async ({ page }) => {
    await page.emulateMedia(media);
    await page.goto(SITES.six);
    await expectFocusIsSeenEverywhere(page);
  });
}

/** @param {import('@playwright/test').Page} page */
async function expectFocusIsSeenEverywhere(page) {
  const targets = page.locator('a[href], button, input, select, summary');
  const stops = await targets.filter({ visible: true }).count();
  expect(stops).toBeGreaterThan(3);
  // A field for a day has stops of its own, which the browser draws: they count as one.
  let last = await page.evaluateHandle(() => /** @type {Element | null} */ (null));
  for (let stop = 0; stop < stops; stop += 1) {
    do await page.keyboard.press('Tab');
    while (await last.evaluate((last) => last !== null && last === document.activeElement));
    last = await page.evaluateHandle(() => document.activeElement);
    await expectFocusIsSeen(page);
  }
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {string} selector
 */
async function tabTo(page, selector) {
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press('Tab');
    if ((await page.locator(`:focus:is(${selector})`).count()) > 0) return;
  }
  throw new Error(`no stop is ${selector}`);
}

/**
 * Compares what is on the screen with what is there without the focus.
 *
 * @param {import('@playwright/test').Page} page
 */
async function expectFocusIsSeen(page) {
  const focused = page.locator(':focus');
  await expect(focused).toBeInViewport();
  const name = await focused.evaluate((element) => element.outerHTML.slice(0, 80));
  const box = await focused.boundingBox();
  if (!box) throw new Error(`${name} has no place`);
  const MARGIN = 8;
  const clip = {
    x: Math.max(0, box.x - MARGIN),
    y: Math.max(0, box.y - MARGIN),
    width: box.width + 2 * MARGIN,
    height: box.height + 2 * MARGIN,
  };
  const picture = () => page.screenshot({ clip, animations: 'disabled' });
  const seen = await picture();
  const element = await focused.elementHandle();
  // Where the next Tab goes on from stays where it is.
  await element?.evaluate((/** @type {HTMLElement} */ element) => element.blur());
  expect(seen.equals(await picture()), `${name} looks the same with the focus`).toBe(false);
}
