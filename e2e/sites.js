// @ts-check
// The sites under test and their pages. A page added here is checked in every theme and language.

/** What the pages are checked in. */
export const LANGUAGES = ['en', 'fr'];
export const THEMES = /** @type {const} */ (['light', 'dark']);

/** Where results go. */
export const OUTPUT = variable('BROWSER_OUTPUT');

/**
 * The origins: with few rows, with many and long ones, with few that the tests of the admin may
 * change, with few that become homes, with the demo data, and without any (in debug). Tests run side
 * by side: what one makes on the site of the homes, no other counts.
 */
export const SITES = {
  six: variable('SITE_SIX'),
  hundred: variable('SITE_HUNDRED'),
  staff: variable('SITE_STAFF'),
  homes: variable('SITE_HOMES'),
  demo: variable('SITE_DEMO'),
  empty: variable('SITE_EMPTY'),
};

/**
 * The sites of the story of a stay, each by its database, and the site that reads their calendars. Where one
 * could not be started, it is left out.
 */
export const STORIES = ['sqlite', 'postgres'].flatMap((database) => {
  const site = process.env[`SITE_STORY_${database.toUpperCase()}`];
  return site ? [{ database, site }] : [];
});
export const STORY_OTHER = process.env.SITE_STORY_OTHER ?? '';

/** The file with what the SMTP server has taken, a line of JSON for each letter. */
export const MAILBOX = process.env.BROWSER_MAILBOX ?? '';

/**
 * @typedef {object} Page
 * @property {string} name Of its screenshots.
 * @property {string} url
 * @property {number} status
 */

/** What a visitor of the site comes across. */
export const SIX = [
  page('six', 'home', '/'),
  page('six', 'lettings', '/lettings/'),
  page('six', 'letting', '/lettings/5/'),
  page('six', 'profiles', '/profiles/'),
  page('six', 'profile', '/profiles/HeadlinesGazer/'),
  page('six', 'not-found', '/nothing-is-here/', 404),
  page('six', 'login', '/admin/login/'),
];

/** The same with more, longer and other texts than anybody expects, and with none. */
const EXTREMES = [
  page('six', 'password-reset', '/admin/password_reset/'),
  page('six', 'password-reset-done', '/admin/password_reset/done/'),
  page('six', 'password-reset-invalid', '/admin/reset/MQ/set-password/'),
  page('six', 'search', '/lettings/?place=ca&guests=2&amenity=wifi'),
  page('six', 'search-wrong', '/lettings/?q=nothing&guests=lots'),
  page('six', 'place', '/lettings/in/us/'),
  page('six', 'profiles-found', '/profiles/?q=AirWaw'),
  page('hundred', 'home', '/'),
  page('hundred', 'lettings', '/lettings/'),
  page('hundred', 'lettings-second', '/lettings/?page=2'),
  page('hundred', 'letting-one-letter', '/lettings/1/'),
  page('hundred', 'letting-unbroken', '/lettings/2/'),
  page('hundred', 'letting-longest', '/lettings/3/'),
  page('hundred', 'letting-arabic', '/lettings/4/'),
  page('hundred', 'letting-markup', '/lettings/7/'),
  page('hundred', 'profiles', '/profiles/'),
  page('hundred', 'profile-one-letter', '/profiles/a/'),
  page('hundred', 'profile-longest', `/profiles/${'traveller_'.repeat(15)}/`),
  page('hundred', 'profile-hebrew', `/profiles/${encodeURIComponent('אורנית')}/`),
  page('empty', 'home', '/'),
  page('empty', 'lettings', '/lettings/'),
  page('empty', 'profiles', '/profiles/'),
  page('empty', 'components', '/components/'),
];

/** What a site with photos and prices shows. */
export const DEMO = [
  page('demo', 'lettings', '/lettings/'),
  page('demo', 'letting', '/lettings/2/'),
];

/** Every page that is checked. */
export const PAGES = [...SIX, ...DEMO, ...EXTREMES];

/**
 * @param {keyof typeof SITES} site
 * @param {string} name
 * @param {string} path
 * @param {number} status
 * @returns {Page}
 */
function page(site, name, path, status = 200) {
  return { name: `${site}-${name}`, url: SITES[site] + path, status };
}

/** @param {string} name */
function variable(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: run the tests by \`cargo xtask ci browser\``);
  }
  return value;
}
