// @ts-check
// The whole story of a stay, on both databases: a guest asks, the owner has the letter, answers and makes
// it a booking, the calendar shows the nights as taken, another site reads them, and nobody else gets them.
// Everybody has a browser of their own.
import { readFile } from 'node:fs/promises';

import { expect, test as base, watch } from '../browser.js';
import { MAILBOX, STORIES, STORY_OTHER } from '../sites.js';
import { logIn } from '../staff.js';

/** In five months: the calendar shows twelve. */
const MONTH = (() => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 5, 1));
})();
const MONTH_NAME = MONTH.toLocaleString('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** The stay: three nights. */
const [FROM, TO] = [10, 13].map((day) => `${MONTH.toISOString().slice(0, 8)}${day}`);
const NIGHTS = ['10', '11', '12'];

const test = base.extend({
  /** @type {any} */
  people: async ({ browser }, use) => {
    /** @type {import('@playwright/test').BrowserContext[]} */
    const contexts = [];
    /** @type {string[][]} */
    const complaints = [];
    await use(async () => {
      const context = await browser.newContext({ locale: 'en' });
      contexts.push(context);
      complaints.push(watch(context));
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
    expect(complaints.flat()).toEqual([]);
  },
});

for (const [index, { database, site }] of STORIES.entries()) {
  test(`asked, answered, booked, read elsewhere, taken: ${database}`, async ({ people }) => {
    test.slow();
    const guest = `gina-${database}@example.com`;
    const rival = `rob-${database}@example.com`;

    // Two ask for the same nights. The owner has a letter of each, and answering it reaches the guest.
    const gina = await people();
    await ask(gina, site, guest);
    const number = await thanks(gina);
    const rob = await people();
    await ask(rob, site, rival);
    const numberOfRob = await thanks(rob);
    for (const [address, asked] of [
      [guest, number],
      [rival, numberOfRob],
    ]) {
      const letter = await letterWith('owner@example.com', asked);
      expect(header(letter, 'Reply-To')).toBe(address);
      expect(letter.text).toContain('Is there a bus?');
      await letterWith(address, asked);
    }

    // The owner follows the letter's link, answers, and makes a booking of it.
    const owner = await people();
    await logIn(owner, 'ann', site);
    const { text } = await letterWith('owner@example.com', number);
    await owner.goto(link(text, `${site}/admin/guests/enquiries/`));
    await expect(owner.getByRole('heading', { level: 1 })).toHaveText(`Enquiry ${number}`);
    await owner.getByLabel('Your answer').fill('There is one, every hour.');
    await owner.getByRole('button', { name: 'Send the answer' }).click();
    await expect(owner.getByText('The answer is on its way.')).toBeVisible();
    await letterWith(guest, 'There is one, every hour.');
    await owner.getByRole('button', { name: 'Make it a booking' }).click();
    await expect(owner.getByText('The stay is booked')).toBeVisible();
    await letterWith(guest, 'your stay is booked');

    // The calendar shows the nights as taken, and that of another site, which reads it, as well.
    const letting = `/lettings/${index + 1}/`;
    await expectTaken(gina, `${site}/lettings/1/`, NIGHTS);
    await owner.goto(`${site}/admin/lettings/letting/1/calendars/`);
    await owner.getByRole('button', { name: 'Make an address' }).click();
    const calendar = await owner.locator('#given').inputValue();
    const elsewhere = await people();
    await expectTaken(elsewhere, STORY_OTHER + letting, []);
    await logIn(elsewhere, 'ann', STORY_OTHER);
    await elsewhere.goto(`${STORY_OTHER}/admin${letting.replace('s/', 's/letting/')}calendars/`);
    await elsewhere.getByLabel('Name').fill('The first site');
    await elsewhere.locator('#url').fill(calendar);
    await elsewhere.getByRole('button', { name: 'Add and read' }).click();
    await expect(elsewhere.getByText('The first site was read.')).toBeVisible();
    await expectTaken(gina, STORY_OTHER + letting, NIGHTS);

    // Nobody else gets them: neither who asks now, at either site, nor who has asked before.
    const late = await people();
    for (const address of [`${site}/lettings/1/`, STORY_OTHER + letting]) {
      await fill(late, address, 'late@example.com');
      const told = late.locator('#from-error');
      await sendUntil(late, told);
      await expect(told).toHaveText('Some of these nights are taken. The calendar shows which are free.');
    }
    await owner.goto(`${site}/admin/guests/enquiries/`);
    await owner.locator('.inbox li', { hasText: numberOfRob }).getByRole('link').click();
    await owner.getByRole('button', { name: 'Make it a booking' }).click();
    await expect(owner.getByText('These nights are taken by now')).toBeVisible();
    await expect(owner.getByRole('button', { name: 'Make it a booking' })).toBeVisible();
    const letters = await mailbox();
    const toRob = letters.filter((letter) => letter.to?.includes(rival));
    expect(toRob.map((letter) => header(letter, 'Subject').includes('Booked'))).toEqual([false]);
    expect(letters.filter((letter) => letter.to?.includes('late@example.com'))).toEqual([]);
  });
}

/**
 * Asks about the first letting of a site.
 *
 * @param {import('@playwright/test').Page} page
 * @param {string} site
 * @param {string} email
 */
async function ask(page, site, email) {
  await fill(page, `${site}/lettings/1/`, email);
  await sendUntil(page, page.getByRole('heading', { name: 'Thank you for your enquiry' }));
}

/**
 * Comes to the form from the page of the letting, and fills it in.
 *
 * @param {import('@playwright/test').Page} page
 * @param {string} letting
 * @param {string} email
 */
async function fill(page, letting, email) {
  await page.goto(letting);
  await page.getByRole('link', { name: 'Ask about this home' }).click();
  await page.getByLabel('Your name').fill('A Guest');
  await page.getByLabel('Your e-mail address').fill(email);
  await page.locator('#from').fill(FROM);
  await page.locator('#to').fill(TO);
  await page.locator('#adults').fill('2');
  await page.getByLabel('Your message').fill('Is there a bus?');
}

/**
 * Sends the form until something is there: whoever is as fast as a program is asked to send it once more.
 *
 * @param {import('@playwright/test').Page} page
 * @param {import('@playwright/test').Locator} wanted
 */
async function sendUntil(page, wanted) {
  await expect(async () => {
    await page.getByRole('button', { name: 'Send the enquiry' }).click();
    await expect(wanted).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000, intervals: [4_000] });
}

/**
 * The number on the page of thanks.
 *
 * @param {import('@playwright/test').Page} page
 */
async function thanks(page) {
  const number = new URL(page.url()).searchParams.get('number') ?? '';
  await expect(page.getByText(number)).toBeVisible();
  return number;
}

/**
 * The page of a letting shows these nights of the month as taken, and no others.
 *
 * @param {import('@playwright/test').Page} page
 * @param {string} letting
 * @param {string[]} nights
 */
async function expectTaken(page, letting, nights) {
  await page.goto(letting);
  const month = page.locator('.months table', { hasText: MONTH_NAME });
  await expect(month).toHaveCount(1);
  await expect(month.locator('.taken')).toHaveText(nights.map((night) => `${night} taken`));
}

/**
 * @typedef {object} Letter
 * @property {string[]} [to]
 * @property {string[][]} headers
 * @property {string} text
 */

/**
 * What the SMTP server has taken.
 *
 * @returns {Promise<Letter[]>}
 */
async function mailbox() {
  const lines = (await readFile(MAILBOX, 'utf8')).split('\n');
  // The last one may be half written.
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/**
 * The letter to somebody that says something, once it has come.
 *
 * @param {string} to
 * @param {string} text
 * @returns {Promise<Letter>}
 */
async function letterWith(to, text) {
  const find = async () => {
    const letters = (await mailbox()).filter((letter) => letter.to?.includes(to));
    return letters.find((letter) => header(letter, 'Subject').includes(text) || letter.text.includes(text));
  };
  await expect.poll(find, `a letter to ${to} with “${text}”`).toBeTruthy();
  return /** @type {Letter} */ (await find());
}

/**
 * @param {Letter} letter
 * @param {string} name
 */
function header(letter, name) {
  return letter.headers.find((header) => header[0] === name)?.[1] ?? '';
}

/**
 * The link in a text that begins so.
 *
 * @param {string} text
 * @param {string} start
 */
function link(text, start) {
  return text.split(/\s+/).find((word) => word.startsWith(start)) ?? '';
}
