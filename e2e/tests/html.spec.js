// @ts-check
// The source of every page, as it is served, is valid HTML.
import { expect, test } from '@playwright/test';

import { mistakes } from '../html.js';
import { LANGUAGES, PAGES } from '../sites.js';

for (const language of LANGUAGES) {
  for (const { name, url, status } of PAGES) {
    test(`${name}, ${language}`, async () => {
      const response = await fetch(url, { headers: { 'Accept-Language': language } });
      expect(response.status).toBe(status);
      expect(await mistakes(await response.text())).toEqual([]);
    });
  }
}
