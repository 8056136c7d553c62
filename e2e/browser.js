// @ts-check
// `test` and `expect` for every file of tests: whatever a test does, a complaint of the browser,
// a request that fails and one that leaves the site make it fail.
import { test as base, expect } from '@playwright/test';

import { SITES, STORIES, STORY_OTHER } from './sites.js';

export { expect };

export const test = base.extend({
  page: async ({ page }, use) => {
    const complaints = watch(page.context());
    await use(page);
    expect(complaints).toEqual([]);
  },
});

/**
 * Collects what the browser complains of, from now on.
 *
 * @param {import('@playwright/test').BrowserContext} context
 */
export function watch(context) {
  /** @type {string[]} */
  const complaints = [];
  const origins = [...Object.values(SITES), ...STORIES.map(({ site }) => site), STORY_OTHER];
  // What is navigated to, the test itself judges; the console has an error of its own for a 404.
  const judgedElsewhere = new Set();
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    // A picture within a stylesheet or a page asks nobody.
    if (!origins.includes(origin) && protocol !== 'data:') {
      complaints.push(`request to ${request.url()}`);
    }
  });
  context.on('response', (response) => {
    if (response.status() < 400) return;
    if (response.request().isNavigationRequest()) {
      judgedElsewhere.add(response.url());
    } else {
      complaints.push(`status ${response.status()} of ${response.url()}`);
    }
  });
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // A browser gives up what a page has asked for when the page is left.
    const isGivenUp = reason === 'net::ERR_ABORTED' || reason === 'NS_BINDING_ABORTED';
    if (!isGivenUp) complaints.push(`${reason}: ${request.url()}`);
  });
  context.on('console', (message) => {
    const isOfNavigation = judgedElsewhere.has(message.location().url);
    if (isOfNavigation && message.text().startsWith('Failed to load resource')) return;
    complaints.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(`script: ${error.error()}`));
  return complaints;
}

/**
 * Goes to a page and waits until all of it is there.
 *
 * @param {import('@playwright/test').Page} page
 * @param {import('./sites.js').Page} wanted
 */
export async function visit(page, wanted) {
  const response = await page.goto(wanted.url);
  expect(response?.status()).toBe(wanted.status);
  await settle(page);
}

/**
 * Has every picture loaded, those too that wait to be scrolled to, and every font.
 *
 * @param {import('@playwright/test').Page} page
 */
export async function settle(page) {
  const broken = await page.evaluate(async () => {
    const load = async (/** @type {HTMLImageElement} */ image) => {
      image.loading = 'eager';
      await image.decode().catch(() => undefined);
      return image.naturalWidth > 0 ? [] : [image.currentSrc];
    };
    await document.fonts.ready;
    return (await Promise.all(Array.from(document.images, load))).flat();
  });
  expect(broken, 'pictures that cannot be shown').toEqual([]);
}
