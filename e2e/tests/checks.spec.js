// @ts-check
// The checks themselves find what they are for.
import { expect, test } from '@playwright/test';

import { bringAxe, violations } from '../accessibility.js';
import { watch } from '../browser.js';
import { mistakes } from '../html.js';
import { brightness, overflowing, smallTargets } from '../layout.js';
import { SITES } from '../sites.js';

test('the watch complains of the console, of failures and of requests that leave', async ({ page }) => {
  const complaints = watch(page.context());
  await page.goto(`${SITES.six}/nothing-is-here/`);
  expect(complaints).toEqual([]);
  await page.evaluate(async (origin) => {
    console.warn('look here');
    for (const url of [`${origin}/gone.css`, 'https://example.com/a.css']) {
      // The policy of our pages allows stylesheets of our own host only.
      const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: url });
      const ended = new Promise((resolve) => (link.onload = link.onerror = resolve));
      document.head.append(link);
      await ended;
    }
  }, SITES.six);
  for (const said of ['console: look here', `${SITES.six}/gone.css`, 'Content Security Policy']) {
    await expect.poll(() => complaints.join('\n')).toContain(said);
  }
});

test('the watch complains of a request to another host', async ({ page }) => {
  const complaints = watch(page.context());
  await page.setContent('<img src="https://example.com/a.png" alt="">');
  expect(complaints).toContain('request to https://example.com/a.png');
});

test('axe finds low contrast and small targets', async ({ page }) => {
  await page.setContent(`<!DOCTYPE html><html lang="en"><title>x</title><main>
    <h1>x</h1><p style="color: #999; background: #fff">faint</p><ul>
    <li style="font: 8px/8px serif"><a href="/a">a</a> <a href="/b">b</a></li></ul></main>`);
  await bringAxe(page);
  const rules = (await violations(page)).map((violation) => violation.split(':')[0]);
  expect(rules).toContain('color-contrast');
  expect(rules).toContain('target-size');
});

test('what reaches out of the window is found, and what is too small to meet', async ({ page }) => {
  await page.setContent(`<p style="width: 3000px">wide</p><button style="all: unset">x</button>
    <p>A <a href="/a">link</a> within a sentence is as small as its letters.</p>`);
  expect((await page.evaluate(overflowing)).length).toBe(2);
  expect(await page.evaluate(smallTargets)).toEqual([expect.stringContaining('<button')]);
});

test('brightness is measured in any notation', async ({ page }) => {
  await page.setContent('<body style="background: oklch(1 0 0); color: rgb(0 0 0)">');
  const { ground, text } = await page.evaluate(brightness);
  expect(ground).toBeCloseTo(1);
  expect(text).toBeCloseTo(0);
});

test('html-validate finds mistakes', async () => {
  const found = await mistakes('<!DOCTYPE html><html><p><div></div></p><img src="/a"></html>');
  expect(found.join('\n')).toContain('element-permitted-content');
});
