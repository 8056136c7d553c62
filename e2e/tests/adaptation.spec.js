// @ts-check
// Browsers that are set up otherwise: nothing is missing, nothing is cut off.
import { expect, test, visit } from '../browser.js';
import { overflowing } from '../layout.js';
import { PAGES, SITES, SIX } from '../sites.js';

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a letting is found', async ({ page }) => {
    await page.goto(SITES.six);
    await page.locator('a[href="/lettings/"]').first().click();
    await page.locator('main a[href="/lettings/6/"]').first().click();
    const heading = page.getByRole('heading', { level: 1 });
    await expect(heading).toHaveText('Underground Hygge');
    await expect(page.getByRole('main')).toContainText('588 Argyle Avenue');
  });
});

for (const [name, media] of Object.entries({
  'reduced motion': { reducedMotion: /** @type {const} */ ('reduce') },
  'forced colours': { forcedColors: /** @type {const} */ ('active') },
  'more contrast': { contrast: /** @type {const} */ ('more') },
})) {
  test(`${name} hides nothing`, async ({ page }) => {
    for (const wanted of SIX) {
      await visit(page, wanted);
      const usual = await page.evaluate(shown);
      expect(usual.text).not.toBe('');
      await page.emulateMedia(media);
      expect(await page.evaluate(shown), wanted.name).toEqual(usual);
      if (media.reducedMotion) {
        const moving = await page.evaluate(() => document.getAnimations().length);
        expect(moving, wanted.name).toBe(0);
      }
      await page.emulateMedia({ reducedMotion: null, forcedColors: null, contrast: null });
    }
  });
}

for (const width of [1280, 320]) {
  test(`text at 200 % fits into ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    const session = await page.context().newCDPSession(page);
    for (const wanted of PAGES) {
      await session.send('Page.setFontSizes', { fontSizes: { standard: 16, fixed: 13 } });
      await visit(page, wanted);
      const usual = await page.evaluate(textSize);
      // As in the browser's settings.
      await session.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
      await expect.poll(() => page.evaluate(textSize), wanted.name).toBeGreaterThan(1.9 * usual);
      expect(await page.evaluate(overflowing), wanted.name).toEqual([]);
    }
  });
}

test('a letting is printed on one page, with its address', async ({ page }) => {
  await page.goto(`${SITES.six}/lettings/5/`);
  const main = page.getByRole('main');
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  for (const line of ['9606 Harvard Street', 'Aliquippa, PA 15001', 'United States']) {
    await expect(main).toContainText(line);
  }
  await expect(main.locator('address').first()).toBeVisible();
  const document = (await page.pdf({ format: 'A4' })).toString('latin1');
  expect(document.match(/\/Type \/Page\b/g)).toHaveLength(1);
});

/** The text of a page that is not hidden, and how many pictures are seen. */
function shown() {
  const pictures = Array.from(document.querySelectorAll('img, svg'));
  return {
    text: document.body.innerText,
    pictures: pictures.filter((picture) => picture.checkVisibility({ checkOpacity: true })).length,
  };
}

/** The size of running text, in pixels. */
function textSize() {
  return parseFloat(getComputedStyle(document.body).fontSize);
}
