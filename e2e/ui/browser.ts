/** Pages in a real browser (Debian's chromium), with everything that must not happen in one of them. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Screenshots are kept for people to look at; git ignores this folder. */
const SCREENSHOTS = join(import.meta.dirname, '../../ui/screenshots');
const CHROMIUM = '/usr/bin/chromium';

export interface PageOptions {
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
}

export interface TestedPage {
  readonly page: Page;
  /** Errors, violations of the Content-Security-Policy, and requests to other servers. */
  readonly faults: readonly string[];
  readonly close: () => Promise<void>;
}

export async function launchBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error('chromium is not installed; run sh scripts/setup.sh --full');
  // The sandbox of Chromium does not work as root, which CI uses. The pages are our own.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: CHROMIUM, args: [...args, '--disable-dev-shm-usage'] });
}

/** A new page, in a profile of its own. */
export async function newPage(browser: Browser, { width = 1400, theme = 'light' }: PageOptions): Promise<TestedPage> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme, locale: 'en-GB' });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    // The page itself says that a server is away or busy, or that a question is wrong.
    const isAway = /ERR_CONNECTION_|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|a status of (?:400|503)/.test(
      message.text(),
    );
    if (message.type() === 'error' && !isAway) faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol !== 'http:' || hostname !== '127.0.0.1') faults.push(`request: ${request.url()}`);
  });
  return { page, faults, close: () => context.close() };
}

export async function saveScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly target: readonly string[] }[];
  }[];
}

/** What axe-core finds in the page, each as `rule: help (element)`. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  // The protocol of the developer tools evaluates this, so the Content-Security-Policy of the page does not apply.
  await page.evaluate(axe.source);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const result: AxeResult = await page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(tags)} })`);
  return result.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id}: ${help} (${target.join(' ')})`),
  );
}
