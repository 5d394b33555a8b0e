/** The page with 10,000 hosts: `tidegate ui` on a folder of manifests, without NGINX. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProgram, type Program } from '../cluster/program.ts';
import { COMPILED, shippedProgram } from '../runner/shipped.ts';
import { accessibilityFaults, launchBrowser, newPage } from './browser.ts';

const HOSTS = 10_000;
const folder = mkdtempSync(join(tmpdir(), 'tidegate-ui-'));
let program: Program;
let browser: Browser;
let url: string;

function hostManifest(index: number, size = '1m'): string {
  const name = `host-${String(index).padStart(5, '0')}`;
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  namespace: team-${index % 40}
  annotations: { nginx.ingress.kubernetes.io/proxy-body-size: ${size} }
spec:
  rules:
    - host: ${name}.example.test
      http:
        paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }]
---
`;
}

/** The namespaces have a Service each. */
function services(): string {
  const one = (index: number) => `apiVersion: v1
kind: Service
metadata: { name: web, namespace: team-${index} }
spec: { ports: [{ port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, namespace: team-${index}, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
endpoints: [{ addresses: [10.0.${index}.1] }, { addresses: [10.0.${index}.2] }]
ports: [{ port: 80 }]
---
`;
  return Array.from({ length: 40 }, (_, index) => one(index)).join('');
}

beforeAll(async () => {
  writeFileSync(join(folder, 'services.yaml'), services());
  writeFileSync(join(folder, 'first.yaml'), hostManifest(0));
  for (let file = 0; file < 10; file += 1) {
    const from = file * (HOSTS / 10) + 1;
    const to = Math.min(HOSTS - 1, (file + 1) * (HOSTS / 10));
    const all = Array.from({ length: to - from + 1 }, (_, index) => hostManifest(from + index));
    writeFileSync(join(folder, `hosts-${file}.yaml`), all.join(''));
  }
  const args = [await shippedProgram(), 'ui', folder, '--open', 'false'];
  program = createProgram(process.execPath, args, { cwd: folder, env: COMPILED });
  program.start();
  url = /http:\S+/.exec(await program.line(/^page: http/, 0, 120_000))?.[0] ?? '';
  browser = await launchBrowser();
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await program?.end('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

interface Cost {
  readonly scriptMs: number;
  readonly elements: number;
  readonly heapMb: number;
}

/** What the page has cost so far. */
async function costOf(page: Page, session: CDPSession): Promise<Cost> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return {
    scriptMs: Math.round(value('ScriptDuration') * 1000),
    elements: await page.evaluate<number>('document.querySelectorAll("*").length'),
    heapMb: Math.round(value('JSHeapUsedSize') / 1e5) / 10,
  };
}

test('10,000 hosts: the document and its memory stay small, and a search finds any host', async () => {
  const { page, faults, close } = await newPage(browser, {});
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await page.goto(`${url}#/hosts`);
  await page.getByText('host-00003.example.test').waitFor();
  const painted = await costOf(page, session);

  await page.getByRole('searchbox').fill('HOST-0765');
  await page.getByRole('link', { name: 'host-07654.example.test' }).waitFor();
  expect(await page.getByText(/^10 hosts$/).count()).toBe(1);
  const searched = await costOf(page, session);

  await page.getByRole('searchbox').fill('team-7/host-');
  await page.getByText(/^250 hosts$/).waitFor();
  await page.getByRole('searchbox').fill('');
  await page.getByText(/^10,001 hosts$/).waitFor();
  const before = await costOf(page, session);
  for (let step = 1; step <= 20; step += 1) {
    await page.evaluate(`scrollTo(0, document.documentElement.scrollHeight * ${step} / 20)`);
    await page.waitForTimeout(100);
  }
  await page.getByRole('link', { name: 'host-09999.example.test' }).waitFor();
  const scrolled = await costOf(page, session);
  const whole = await page.evaluate<number>(
    'fetch("/v1/hosts?limit=2000").then((a) => a.text()).then((t) => t.length * 5)',
  );
  console.log(
    `10,000 hosts: first paint ${painted.scriptMs} ms of script, search ${searched.scriptMs - painted.scriptMs} ms, ` +
      `scrolling through all ${scrolled.scriptMs - before.scriptMs} ms; ` +
      `${painted.elements} elements at first and ${scrolled.elements} after scrolling; ` +
      `heap ${painted.heapMb} MB and ${scrolled.heapMb} MB (all hosts are ${Math.round(whole / 1e5) / 10} MB of JSON)`,
  );
  // These depend on what is in view, and not on the number of hosts.
  for (const { elements } of [painted, searched, scrolled]) expect(elements).toBeLessThan(1500);
  for (const { heapMb } of [painted, searched, scrolled]) expect(heapMb).toBeLessThan(30);
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(faults).toEqual([]);
  await close();
});

test('an edited manifest appears in the page, although NGINX does not run', async () => {
  const { page, faults, close } = await newPage(browser, {});
  await page.goto(url);
  await page.getByText('These manifests are only built').waitFor();
  await page.getByRole('link', { name: 'Problems' }).first().click();
  writeFileSync(join(folder, 'first.yaml'), hostManifest(0, 'lots'));
  const card = page.getByRole('row').filter({ hasText: 'Ingress team-0/host-00000' });
  await expect.poll(() => card.innerText()).toMatch(/first\.yaml:6:\d+/);
  await page.goto(`${url}#/host?name=host-00000.example.test&tab=conf`);
  await page.getByText('server_name "host-00000.example.test"').waitFor();
  expect(faults).toEqual([]);
  await close();
});
