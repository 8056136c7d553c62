// @ts-check
// Lighthouse on each page of the site with few rows, as it judges phones, on two of the demo data and on a
// letting with thirty photos; then the bytes of a first visit and of the pages after it. Fails when a score
// is below the number it is given.
import * as chromeLauncher from 'chrome-launcher';
import lighthouse from 'lighthouse';
import { chromium } from '@playwright/test';

import config from '../playwright.config.js';
import { DEMO, SITES, SIX } from '../sites.js';
import { makeThirty } from '../thirty.js';
import { transferred } from '../weight.js';

/** Search engines are kept out of the login, which Lighthouse would mark down. */
const PUBLIC = [...SIX, ...DEMO].filter(({ name }) => name !== 'six-login');

const minimum = Number(process.argv[2] ?? 100);
/** What a page of an error is marked down for because it is one: its status, told twice. */
const OF_ERRORS = ['http-status-code', 'errors-in-console'];
const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'];

const options = config.use?.launchOptions;
if (!options?.executablePath) throw new Error('the configuration names no browser');
PUBLIC.push({ name: 'thirty-photos', url: await describeThirty(), status: 200 });
const shortfalls = await judgePages(options.executablePath, options.args ?? []);
await weighPages();
if (shortfalls.length > 0) {
  console.error(`below ${minimum}:\n${shortfalls.join('\n')}`);
  process.exitCode = 1;
}

async function describeThirty() {
  const browser = await chromium.launch(options);
  const page = await browser.newPage();
  await page.goto(`${SITES.staff}/admin/login/`);
  await page.locator('#username').fill('ann');
  await page.locator('#password').fill('tulip-anchor-9');
  await page.locator('#password').press('Enter');
  await page.waitForURL(`${SITES.staff}/admin/`);
  const address = await makeThirty(page, SITES.staff);
  await browser.close();
  return address;
}

/**
 * @param {string} chromePath
 * @param {string[]} chromeFlags
 */
async function judgePages(chromePath, chromeFlags) {
  const chrome = await chromeLauncher.launch({
    chromePath,
    chromeFlags: ['--headless', ...chromeFlags],
  });
  console.log(`browser: ${await versionOf(chrome.port)}`);
  console.log(`\n${row('page', CATEGORIES, 'bytes')}`);
  const shortfalls = [];
  try {
    for (const { name, url, status } of PUBLIC) {
      const lhr = await judge(url, {
        port: chrome.port,
        onlyCategories: CATEGORIES,
        ignoreStatusCode: true,
        skipAudits: status < 400 ? null : OF_ERRORS,
        logLevel: 'error',
      });
      const scores = CATEGORIES.map((id) => Math.round((lhr.categories[id]?.score ?? 0) * 100));
      const bytes = lhr.audits['total-byte-weight']?.numericValue ?? 0;
      console.log(row(name, scores, bytes));
      for (const [index, score] of scores.entries()) {
        const category = CATEGORIES[index] ?? '';
        if (score < minimum) shortfalls.push(`${name}: ${category} ${score}: ${reasons(lhr, category)}`);
      }
    }
  } finally {
    chrome.kill();
  }
  return shortfalls;
}

/**
 * Judges a page, anew when an audit could not be made: now and then Chromium's trace lacks what
 * Lighthouse looks for, which says nothing about the page. A low score is taken as it is.
 *
 * @param {string} url
 * @param {import('lighthouse').Flags} flags
 */
async function judge(url, flags) {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const result = await lighthouse(url, flags);
    if (!result) throw new Error(`Lighthouse says nothing of ${url}`);
    const broken = Object.values(result.lhr.audits).find(({ errorMessage }) => errorMessage);
    const isWhole = CATEGORIES.every((id) => result.lhr.categories[id]?.score !== null);
    if (isWhole) return result.lhr;
    console.log(`measured anew: ${url}: ${broken?.errorMessage}`);
  }
  throw new Error(`Lighthouse could not judge ${url}`);
}

/** @param {number} port */
async function versionOf(port) {
  const response = await fetch(`http://127.0.0.1:${port}/json/version`);
  return (await response.json()).Browser;
}

/**
 * The audits that cost a category something.
 *
 * @param {import('lighthouse').Result} lhr
 * @param {string} category
 */
function reasons(lhr, category) {
  const audits = lhr.categories[category]?.auditRefs.filter(({ weight }) => weight > 0) ?? [];
  const failed = audits.map(({ id }) => lhr.audits[id]).filter((audit) => (audit?.score ?? 1) < 1);
  return failed.map((audit) => audit?.title).join(', ');
}

async function weighPages() {
  const browser = await chromium.launch(options);
  console.log('\nbytes transferred, headers included, one page after the other:');
  const page = await browser.newPage();
  for (const { name, url } of PUBLIC) {
    console.log(row(name, [], await transferred(page, url)));
  }
  console.log('\nbytes of a first visit that begins at:');
  for (const { name, url } of PUBLIC) {
    const context = await browser.newContext();
    console.log(row(name, [], await transferred(await context.newPage(), url)));
    await context.close();
  }
  await browser.close();
}

/**
 * @param {string} name
 * @param {(string | number)[]} scores
 * @param {string | number} bytes
 */
function row(name, scores, bytes) {
  const cells = scores.map((score) => String(score).padStart(15));
  return name.replace('six-', '').padEnd(14) + cells.join('') + String(bytes).padStart(10);
}
