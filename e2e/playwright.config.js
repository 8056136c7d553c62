// @ts-check
// How the tests run. `cargo xtask ci browser` starts the sites they look at.
import { defineConfig } from '@playwright/test';

import { OUTPUT } from './sites.js';

/** Debian's, so that nothing is downloaded and everybody's fonts are the same. */
const CHROMIUM = '/usr/bin/chromium';

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
  workers: '100%',
  timeout: 30_000,
  reporter: [
    ['dot'],
    ['json', { outputFile: `${OUTPUT}/results.json` }],
    ['junit', { outputFile: `${OUTPUT}/junit.xml` }],
  ],
  expect: {
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
});
