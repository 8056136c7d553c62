// @ts-check
// The bytes that a page costs on the wire, headers included, as the browser counts them.

/**
 * Goes to an address and counts what is transferred for it. What the browser has kept costs
 * nothing.
 *
 * @param {import('@playwright/test').Page} page
 * @param {string} url
 */
export async function transferred(page, url) {
  const session = await page.context().newCDPSession(page);
  let bytes = 0;
  session.on('Network.loadingFinished', (event) => {
    bytes += event.encodedDataLength;
  });
  await session.send('Network.enable');
  await page.goto(url, { waitUntil: 'networkidle' });
  await session.detach();
  return bytes;
}
