// @ts-check
// A visit is light, on a bad line too.
import { expect, test } from '../browser.js';
import { SITES } from '../sites.js';
import { transferred } from '../weight.js';

const FIRST_VISIT = 40_000;
const NEXT_PAGE = 5_000;

test('the first visit and the next pages transfer little', async ({ page }) => {
  const first = await transferred(page, SITES.six);
  // Nothing at all would mean that nothing was counted.
  expect(first).toBeGreaterThan(500);
  expect(first).toBeLessThan(FIRST_VISIT);
  for (const path of ['/lettings/', '/lettings/5/', '/profiles/', '/profiles/AirWow/']) {
    const next = await transferred(page, SITES.six + path);
    expect(next, path).toBeGreaterThan(300);
    expect(next, path).toBeLessThan(NEXT_PAGE);
  }
});
