/** The web page of a running `tidegate up`, in a real browser with a real NGINX. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostOf, ingressOf, podsOf, takeAddresses } from '../behaviour/site.ts';
import { accessibilityFaults, launchBrowser, newPage, saveScreenshot } from './browser.ts';
import { type PageSite, startPageSite } from './page-site.ts';

let site: PageSite;
let browser: Browser;

beforeAll(async () => {
  site = await startPageSite();
  browser = await launchBrowser();
  await site.sendRequests(60);
  // A period of ten seconds has ended, so that the charts have points.
  await new Promise((resolve) => setTimeout(resolve, 11_000));
  await site.sendRequests(30);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

const SHOP = hostOf('shop');
const request = encodeURIComponent(`https://${SHOP}/cart?page=2`);

/** Name of a view → its place, and a string that it shows once it has its answers. */
const VIEWS: Readonly<Record<string, readonly [place: string, text: RegExp]>> = {
  overview: ['#/', /Busiest hosts/],
  hosts: ['#/hosts', /closed\.example\.test/],
  host: [`#/host?name=${SHOP}`, /sites\/next:80/],
  conf: [`#/host?name=${SHOP}&tab=conf`, /server_name/],
  certificates: ['#/certificates', /expired \d+ days? ago/],
  problems: ['#/problems', /is not a size/],
  changes: ['#/changes', /started/],
  explain: [`#/explain?url=${request}`, /80 %: sites\/shop:80 gets \/cart\?page=2/],
};

const SIZES = [400, 900, 1400] as const;
const THEMES = ['light', 'dark'] as const;

/** Opens a place of the page in a page of its own, runs `use`, and expects that nothing unwanted has happened. */
async function withPage(place: string, use: (page: Page) => Promise<void>): Promise<void> {
  const { page, faults, close } = await newPage(browser, {});
  await page.goto(`${site.url}${place}`);
  await use(page);
  expect(faults).toEqual([]);
  await close();
}

test.each(THEMES.flatMap((theme) => SIZES.map((width) => [theme, width] as const)))(
  'all views in %s at %i px are accessible, fit, and load nothing from elsewhere',
  async (theme, width) => {
    const { page, faults, close } = await newPage(browser, { theme, width });
    const found: Record<string, unknown> = {};
    for (const [name, [place, text]] of Object.entries(VIEWS)) {
      await page.goto(`${site.url}${place}`);
      await page.getByText(text).first().waitFor();
      const isWide = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
      await saveScreenshot(page, `${name}-${width}-${theme}`);
      found[name] = { isWide, accessibility: await accessibilityFaults(page) };
    }
    const clean = Object.fromEntries(Object.keys(VIEWS).map((name) => [name, { isWide: false, accessibility: [] }]));
    expect(found).toEqual(clean);
    expect(faults).toEqual([]);
    await close();
  },
);

test('axe-core and the guard of the browser find what is planted', async () => {
  const { page, faults, close } = await newPage(browser, {});
  await page.goto(site.url);
  await page.getByText('Busiest hosts').waitFor();
  await page.evaluate(`document.querySelector('main').append(document.createElement('input'))`);
  expect((await accessibilityFaults(page)).join()).toMatch(/label: /);
  await page.evaluate(`document.body.append(Object.assign(new Image(), { src: 'http://192.0.2.1/a.png' }))`);
  await page.evaluate(`fetch('http://192.0.2.1/').catch(() => 0)`);
  await page.evaluate(`try { document.body.innerHTML = '<b>a</b>' } catch { 0 }`);
  expect(faults.join()).toMatch(/img-src[^]*connect-src[^]*TrustedHTML/);
  await close();
});

test('the overview has the requests, errors and reloads of NGINX', () =>
  withPage('#/', async (page) => {
    await site.sendRequests(20);
    const tile = (name: string) => page.locator('.tile', { hasText: name }).first();
    await expect.poll(() => tile('Requests').innerText()).toMatch(/\d\/s/);
    await expect.poll(() => tile('Errors (5xx)').innerText()).toMatch(/[1-9][\d.]* %/);
    await expect.poll(() => tile('Latency').innerText()).toMatch(/\d (ms|s)\s/);
    expect(await tile('Problems').innerText()).toMatch(/3\s+2 errors, 1 warning/);
    expect(await page.getByRole('table').innerText()).toMatch(
      new RegExp(`gone\\.example\\.test\\s+[\\d.]+/s\\s+100 %`),
    );
  }));

test('a host shows path, Ingress, canary, endpoints with their shares, and whose the lines of nginx.conf are', () =>
  withPage(`#/host?name=${SHOP}`, async (page) => {
    const row = page.getByRole('row', { name: 'sites/shop' }).first();
    await expect
      .poll(() => row.innerText())
      .toMatch(/sites\/shop:80\s+80 %[^]*33 %[^]*canary\s+20 %\s+or by header X-Next/);
    expect(await page.getByText('expires in').innerText()).toMatch(/expires in \d+ days/);
    await page.getByRole('link', { name: 'nginx.conf' }).click();
    await page.getByText('location "/"').waitFor();
    const [first = ''] = await page.getByRole('row', { name: '-> sites/shop:80' }).allInnerTexts();
    expect(first.split('\n').map((part) => part.trim())).toContain('sites/shop');
  }));

test('a Problem has the line to mend; once the file is mended, it is solved without a reload of the page', () =>
  withPage('#/problems', async (page) => {
    const card = page.getByRole('row').filter({ hasText: 'Ingress sites/typo' });
    await expect.poll(() => card.innerText()).toMatch(/typo\.yaml:\d+:\d+/);
    await page.evaluate('window.sameDocument = true');
    site.instance.write('typo.yaml', [ingressOf('typo', 'shop', { annotations: { 'proxy-body-size': '8m' } })]);
    await expect.poll(() => card.count()).toBe(0);
    await page.getByRole('link', { name: 'Changes' }).click();
    await expect.poll(() => page.getByRole('main').innerText()).toMatch(/solved\s+[^\n]*proxy-body-size/);
    await expect.poll(() => page.getByRole('main').innerText()).toMatch(/reload\s+[^\n]*typo/);
    expect(await page.evaluate('window.sameDocument')).toBe(true);
  }));

test('new endpoints and hosts appear as they are applied', () =>
  withPage('#/host?name=gone.example.test', async (page) => {
    await page.getByText('no endpoints', { exact: true }).waitFor();
    const addresses = takeAddresses(2);
    site.instance.write('pods.yaml', podsOf('gone', addresses, site.podPort));
    for (const address of addresses) await page.getByText(`${address}:${site.podPort}`).waitFor();
    await page.getByRole('link', { name: 'Hosts' }).first().click();
    site.instance.write('new.yaml', [ingressOf('brand-new', 'shop')]);
    await page.getByRole('link', { name: 'brand-new.example.test' }).waitFor();
  }));

test('the page is used with the keyboard alone', () =>
  withPage('#/', async (page) => {
    await page.getByText('Busiest hosts').waitFor();
    const press = (...keys: readonly string[]) =>
      keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
    const focused = () =>
      page.evaluate<string>('document.activeElement.textContent.trim() || document.activeElement.id');
    await press('Tab');
    expect(await focused()).toBe('Skip to content');
    await press('Tab', 'Tab', 'Tab', 'Tab');
    expect(await focused()).toBe('Hosts');
    await press('Enter');
    await page.getByRole('link', { name: SHOP }).waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await press('/');
    await page.keyboard.type('shop');
    await expect.poll(() => page.getByRole('status').last().innerText()).toBe('1 host');
    await press('Tab', 'Enter');
    await page.getByText('sites/next:80').waitFor();
    expect(page.url()).toContain(`#/host?name=${SHOP}`);
    for (let presses = 0; presses < 30 && (await focused()) !== 'Explain a request'; presses += 1) await press('Tab');
    await press('Enter');
    await page.getByRole('heading', { name: 'Result', exact: true }).waitFor();
    await page.goBack();
    await page.getByText('sites/next:80').waitFor();
  }));

test('a request that cannot be explained says why, beside the form', () =>
  withPage('#/explain', async (page) => {
    await page.getByLabel('URL').fill(`${SHOP}/cart`);
    await page.getByText('Headers, address').click();
    await page.getByLabel('Address').fill('somewhere');
    await page.getByRole('button', { name: 'Explain' }).click();
    expect(await page.getByRole('alert').first().innerText()).toMatch(/somewhere/);
    await page.getByLabel('Address').fill('');
    await page.getByLabel('Headers').fill('X-Next: always');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('sites/next:80 gets /cart over http as canary').waitFor();
  }));

test('after a restart of the controller, the page continues by itself', () =>
  withPage('#/hosts', async (page) => {
    await page.getByText('Live', { exact: true }).waitFor();
    await page.evaluate('window.sameDocument = true');
    await site.instance.end('SIGKILL');
    await page.getByText('Connection lost').waitFor();
    // What was known stays in view.
    await page.getByRole('link', { name: SHOP }).waitFor();
    site.instance.write('later.yaml', [ingressOf('later', 'shop')]);
    await site.instance.start();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'later.example.test' }).waitFor();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    expect(await page.evaluate('window.sameDocument')).toBe(true);
  }));
