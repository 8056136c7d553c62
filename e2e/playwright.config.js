// @ts-check
// How the tests run. `cargo xtask ci browser` starts the sites they look at.
import { defineConfig } from '@playwright/test';

import { OUTPUT } from './sites.js';

/** Debian's, so that nothing is downloaded. */
const CHROMIUM = '/usr/bin/chromium';

/** The second engine, where it is installed. */
const FIREFOX = process.env.BROWSER_FIREFOX;

/** Where the documentation was built, if it was. */
const DOCS = process.env.BROWSER_DOCS;

/** A port at which nobody listens: what is sent there leaves no machine. */
const NOWHERE = 9;

export default defineConfig({
  testDir: 'tests',
  outputDir: `${OUTPUT}/failures`,
  // Nothing is written into the repository unless `make screenshots` asks for it.
  snapshotPathTemplate: 'screenshots/{arg}{ext}',
  updateSnapshots: 'none',
  // A test that needs a second try is a test to mend.
  retries: 0,
  forbidOnly: true,
  fullyParallel: true,
  // Not by the machine's processors: the same tests run side by side everywhere.
  workers: 2,
  // For what hangs, not for what is slow: a machine may be busy with something else.
  timeout: 180_000,
  reporter: [
    ['dot'],
    ['json', { outputFile: `${OUTPUT}/results.json` }],
    ['junit', { outputFile: `${OUTPUT}/junit.xml` }],
  ],
  expect: {
    timeout: 60_000,
    // The same page on the same Chromium is the same to the pixel. What may differ between two
    // machines is the smoothing of edges, which takes other ways on other processors; a word that
    // is other or elsewhere is more than this.
    toHaveScreenshot: { threshold: 0.2, maxDiffPixels: 150, animations: 'disabled', scale: 'css' },
  },
  use: {
    locale: 'en',
    timezoneId: 'UTC',
    colorScheme: 'light',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: CHROMIUM,
      args: [
        // Containers have no user namespaces for it, and these are our own pages.
        '--no-sandbox',
        '--disable-gpu',
        // Nor does the machine say how letters are fitted to pixels.
        '--font-render-hinting=none',
        '--disable-lcd-text',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // Nothing leaves this machine, whatever a page or the browser itself may want.
        '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
      ],
    },
  },
  projects: [
    {
      name: 'chromium',
      testIgnore: ['smoke.spec.js', 'guide.spec.js', ...(DOCS ? [] : ['docs.spec.js'])],
    },
    // Its pictures are those that the documents show.
    {
      name: 'guide',
      testMatch: 'guide.spec.js',
      snapshotPathTemplate: '../docs/pictures/{arg}{ext}',
    },
    ...(FIREFOX ? [firefox(FIREFOX)] : []),
  ],
});

/**
 * The smoke test, by WebDriver BiDi, the protocol that Firefox itself speaks.
 *
 * @param {string} executablePath
 * @returns {import('@playwright/test').Project}
 */
function firefox(executablePath) {
  return {
    name: 'firefox',
    testMatch: 'smoke.spec.js',
    use: {
      browserName: 'firefox',
      channel: 'moz-firefox',
      // A picture would be taken with a style of Playwright's, which our policy keeps out.
      screenshot: 'off',
      launchOptions: {
        executablePath,
        firefoxUserPrefs: {
          // As for Chromium: all but the sites under test is out of reach.
          'network.proxy.type': 1,
          'network.proxy.http': '127.0.0.1',
          'network.proxy.http_port': NOWHERE,
          'network.proxy.ssl': '127.0.0.1',
          'network.proxy.ssl_port': NOWHERE,
          'network.proxy.no_proxies_on': '127.0.0.1',
        },
      },
    },
  };
}
