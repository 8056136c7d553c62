// @ts-check
// Rules of layout, looked for within the page: these functions run in the browser.

/** What is wider than the window or reaches out of it to the right. */
export function overflowing() {
  const width = document.documentElement.clientWidth;
  /** @type {string[]} */
  const found = [];
  if (document.documentElement.scrollWidth > width) found.push('the page scrolls sideways');
  for (const element of document.querySelectorAll('body *')) {
    // A strip of photos is scrolled by itself, and so is a wide table.
    if (element.parentElement?.closest('.strip, .scrolls')) continue;
    const box = element.getBoundingClientRect();
    if (box.width > 0 && box.height > 0 && box.right > width + 1) {
      found.push(`${element.outerHTML.slice(0, 80)} ends at ${box.right} of ${width}`);
    }
  }
  return found;
}

/**
 * What is smaller than a fingertip needs. As WCAG 2.2 does (2.5.8), it passes over links within
 * a sentence; unlike WCAG it takes no space around a target in place of its size.
 */
export function smallTargets() {
  const SIZE = 24;
  /** @type {string[]} */
  const found = [];
  for (const element of document.querySelectorAll('a[href], button, input, select, summary')) {
    const box = element.getBoundingClientRect();
    const isShown = box.width > 1 && box.height > 1 && box.right > 0 && box.bottom > 0;
    const block = element.closest('p, li, dd, address, td');
    const isInSentence =
      getComputedStyle(element).display === 'inline' &&
      block !== null &&
      block.textContent?.trim() !== element.textContent?.trim();
    // Half a pixel may be lost to rounding.
    if (isShown && !isInSentence && Math.min(box.width, box.height) < SIZE - 0.5) {
      found.push(`${element.outerHTML.slice(0, 80)} is ${box.width} by ${box.height}`);
    }
  }
  return found;
}

/** How bright the page's ground and its text are, from 0 to 1. */
export function brightness() {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (!canvas) throw new Error('there is no canvas');
  // Colours come in many notations; a drawn pixel has but one.
  const drawn = (/** @type {string[]} */ ...colors) => {
    canvas.fillStyle = 'white';
    canvas.fillRect(0, 0, 1, 1);
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
  };
  const body = getComputedStyle(document.body);
  const root = getComputedStyle(document.documentElement);
  return {
    ground: drawn(root.backgroundColor, body.backgroundColor),
    text: drawn(body.color),
  };
}
