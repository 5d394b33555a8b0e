/** docs/metrics.md lists the metrics of /metrics, with their types and labels. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Plan } from '../types/plan.ts';
import { measuredHistograms, type Measures, measuresText, widthOf } from '../types/request-metrics.ts';
import { createPair } from '../app/fallback-certificate.ts';
import { createMetrics, ownLabels } from './metrics.ts';
import { createRequestMetrics } from './request-metrics/request-metrics.ts';

const MEASURES: Measures = {
  histograms: measuredHistograms({ time: [1], length: [1], size: [1] }, new Set()),
  undefinedHosts: false,
};

interface Family {
  readonly name: string;
  readonly type: string;
  /** Labels of its samples, without those of the controller; undefined if there are no samples. */
  readonly labels: readonly string[] | undefined;
}

/** A page on which every metric has a sample. */
async function wholePage(): Promise<string> {
  const certificate = await createPair();
  const plan = {
    static: { hosts: new Map(), streams: { servers: [{ protocol: 'TCP', port: 5432, service: 'shop/db:5432' }] } },
    ingresses: new Set(),
    live: {
      names: new Map([['a.test', 'shop/tls']]),
      certificates: new Map([['shop/tls', certificate]]),
      passthrough: new Map(),
    },
  } as unknown as Plan;
  const own = { controllerClass: 'c', namespace: 'n', pod: 'p' };
  const requests = createRequestMetrics({
    onError: () => undefined,
    measures: MEASURES,
    mostSeries: 100_000,
    perHost: true,
    perPath: true,
    statusClasses: false,
    ownLabels: Object.keys(ownLabels(own))
      .map((name) => `${name}="x"`)
      .join(','),
    countsRequests: true,
    httpsPort: 443,
  });
  requests.follow(plan);
  const digest = createHash('md5').update(measuresText(MEASURES)).digest('hex');
  const numbers = Array.from({ length: widthOf(MEASURES) - 1 }, (_, index) => `${index + 1}=1`).join(' ');
  await requests.add([
    `v 1 ${digest}\ng - - - -\nc GET 200 1 ${numbers}\nw - no-route 1\ne - retry 1\ne - auth-hit 1\n`,
  ]);
  const metrics = createMetrics({
    ...own,
    enabled: true,
    build: { release: '1', build: '', repository: '' },
    dataAgeMs: () => 1,
    droppedEvents: () => ({ 'object-rate': 0, 'queue-full': 0, refused: 0, unreachable: 0 }),
    advisories: ['CVE-2026-42055'],
    nginx: {
      workers: () =>
        Promise.resolve({
          serving: 1,
          draining: 0,
          drainingGenerations: 0,
          closedEarly: 0,
          live: { capacity: 1, free: 1 },
        }),
      leftOutEndpoints: () => Promise.resolve([]),
      connections: () =>
        Promise.resolve({ active: 1, reading: 0, writing: 0, waiting: 0, accepted: 1, handled: 1, requests: 1 }),
      processes: () =>
        Promise.resolve({
          processes: 1,
          cpuSeconds: 1,
          residentBytes: 1,
          virtualBytes: 1,
          readBytes: 1,
          writtenBytes: 1,
          oldestStartSeconds: 1,
        }),
    },
    requests,
    collect: () => Promise.resolve(),
    plan: () => plan,
    defaultCertificate: '',
    admission: true,
  });
  const object = { kind: 'Ingress', namespace: 'shop', name: 'web' };
  metrics.problems([{ code: 'no-endpoints', severity: 'notice', effect: 'no-endpoints', message: '', object }]);
  metrics.quarantined(0);
  metrics.leader('lease', true);
  const details = { step: 'structure', reasons: [], sinceMs: 1, confHash: '0' } as const;
  metrics.outcome({ kind: 'reload', generation: 1, testMs: 1, reloadMs: 1 }, details);
  metrics.outcome({ kind: 'live', set: 1, removed: 0, revision: 1, ms: 1 }, details);
  metrics.admission.reviewed({ before: 0, build: 0, tested: 1, known: 1 }, 1);
  metrics.admission.answered('admitted', 0.001);
  metrics.admission.serves((await createPair()).chain);
  let text = '';
  for await (const part of metrics.page().parts) text += typeof part === 'string' ? part : Buffer.from(part).toString();
  return text;
}

function familiesOf(page: string): readonly Family[] {
  return [...page.matchAll(/^# TYPE (\S+) (\S+)\n((?:[^#\n].*\n|\n(?=[^#]))*)/gm)]
    .map(([, name = '', type = '', samples = '']) => {
      const found = /\{(.*)\}/.exec(samples)?.[1];
      const labels = found === undefined ? undefined : [...found.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
      return { name, type, labels: labels?.filter((label) => label !== 'le' && !label.startsWith('controller_')) };
    })
    .filter(({ name }) => !/^(?:process|nodejs)_/.test(name));
}

test('the page lists every metric with its type, and no other metric', async () => {
  const families = familiesOf(await wholePage());
  const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `((?:nginx_ingress_controller|tidegate)_\w+)`\s*\| (\w+)\s*\|(?: ([^|]*)\|)?/gm)];
  const listed = rows.map(([, name = '', type = '']) => `${name} ${type}`);
  expect(listed.toSorted()).toEqual(families.map(({ name, type }) => `${name} ${type}`).toSorted());
  for (const { name, labels } of families) {
    expect([name, labels === undefined]).toEqual([name, false]);
    const row = page.split('\n').find((line) => line.includes(`\`${name}\``)) ?? '';
    const isRequest = labels?.includes('canary') ?? false;
    for (const label of labels ?? []) {
      // The labels of requests have a table of their own, and ssl_certificate_info refers to the row above.
      const text = isRequest || name.endsWith('_info') ? page : row;
      expect([name, label, text.includes(`\`${label}\``)]).toEqual([name, label, true]);
    }
  }
});
