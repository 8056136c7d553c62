// @ts-check
// WCAG 2.2 A and AA, as far as axe can judge it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { expect } from '@playwright/test';

/** What the package gives to importers is twice as long, and is sent to every page. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const OPTIONS = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  // axe leaves it out by itself.
  rules: { 'target-size': { enabled: true } },
  resultTypes: ['violations'],
};

/**
 * Brings axe into a page, by the debugger, which no Content-Security-Policy keeps out.
 *
 * @param {import('@playwright/test').Page} page
 */
export async function bringAxe(page) {
  await page.evaluate(`${AXE}; undefined`);
}

/**
 * What breaks a rule on a page: the rule, the element, and what would mend it.
 *
 * @param {import('@playwright/test').Page} page
 * @returns {Promise<string[]>}
 */
export async function violations(page) {
  const results = await page.evaluate(
    // @ts-expect-error `bringAxe` has put it there
    (options) => window.axe.run(document, options),
    OPTIONS,
  );
  // One that judges nothing finds nothing.
  expect(results.passes.length).toBeGreaterThan(5);
  return results.violations.flatMap((/** @type {import('axe-core').Result} */ violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.html}\n${node.failureSummary}`),
  );
}
