// @ts-check
// Pages are drawn with the fonts of `fonts.conf`, whatever fonts the machine has.
import { expect, test, visit } from '../browser.js';
import { PAGES } from '../sites.js';

const OURS = ['Arimo', 'Cousine', 'Noto Sans Arabic'];

/** Text that a machine's own fonts would be looked for. */
const SCRIPTS = '<p>Latin Ελληνικά עברית عربي 大海 日本語 한국어 ไทย 😀 ☃</p><p><code>code</code></p>';

/** Long lists have more of the same. */
const VARIED = PAGES.filter(({ name }) => !/^hundred-(lettings|profiles)/.test(name));

test('no page is drawn with a font of the machine', async ({ page }) => {
  for (const wanted of VARIED) {
    await visit(page, wanted);
    const fonts = await fontsOf(page);
    expect(fonts, wanted.name).toContain('Arimo');
    expect(fonts.filter((font) => !OURS.includes(font)), wanted.name).toEqual([]);
  }
});

test('signs that our fonts do not have are looked for nowhere else', async ({ page }) => {
  await page.setContent(`<body style="font-family: Arial">${SCRIPTS}`);
  expect(await fontsOf(page)).toEqual(OURS);
});

/**
 * The fonts that the text of a page is drawn with.
 *
 * @param {import('@playwright/test').Page} page
 */
async function fontsOf(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('DOM.enable');
  await session.send('CSS.enable');
  const { root } = await session.send('DOM.getDocument');
  const elements = { nodeId: root.nodeId, selector: 'body, body *' };
  const { nodeIds } = await session.send('DOM.querySelectorAll', elements);
  const answers = await Promise.all(
    nodeIds.map((nodeId) => session.send('CSS.getPlatformFontsForNode', { nodeId })),
  );
  await session.detach();
  const found = answers.flatMap(({ fonts }) => fonts.map(({ familyName }) => familyName));
  return [...new Set(found)].sort();
}
