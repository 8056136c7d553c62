import { chromium } from 'playwright-core';
const [,, out, width, theme, js, ...steps] = process.argv;
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: +width, height: 812 }, colorScheme: theme, javaScriptEnabled: js === 'js' });
const page = await context.newPage();
const base = process.env.BASE || 'http://127.0.0.1:8123';
if (!process.env.ANON) {
await page.goto(base + '/admin/login/');
await page.fill('[name=username]', 'owner'); await page.fill('[name=password]', 'tulip-anchor-9');
await page.click('main button');
}
let n = 0;
for (const step of steps) {
  if (step.startsWith('/')) { await page.goto(base + step); }
  else if (step.startsWith('click:')) { await page.click(step.slice(6)); }
  else if (step.startsWith('fill:')) { const [s, v] = step.slice(5).split('='); await page.fill(`[name="${s}"]`, v); }
  else if (step.startsWith('check:')) { await page.check(step.slice(6)); }
  else if (step === 'view') { await page.screenshot({ path: `${out}-${n++}.png` }); }
  else if (step === 'shot') { await page.screenshot({ path: `${out}-${n++}.png`, fullPage: true }); }
  else if (step === 'html') { console.log(await page.content()); }
}
console.log(page.url());
await browser.close();
