/** The dashboard and the rules of the chart use metrics that exist, and are created only if values request them. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CHART, helm, render } from './helm.ts';

const DASHBOARDS = new Map(
  readdirSync(join(CHART, 'files/dashboards')).map((name) => [
    name,
    readFileSync(join(CHART, 'files/dashboards', name), 'utf8'),
  ]),
);
const RULES = readFileSync(join(CHART, 'files/rules.yaml'), 'utf8');

interface PrometheusRule {
  readonly spec: null | { readonly groups?: readonly { readonly rules: readonly { readonly alert: string }[] }[] };
}

const alertsOf = (rule: unknown): readonly string[] =>
  ((rule as PrometheusRule).spec?.groups ?? []).flatMap(({ rules }) => rules.map(({ alert }) => alert));

test('docs/metrics.md lists every metric in the dashboards and in the rules', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/metrics.md'), 'utf8');
  const used = new Set(
    `${[...DASHBOARDS.values()].join('')}${RULES}`.match(/\b(?:nginx_ingress_controller|tidegate)_\w+/g),
  );
  expect(used.size).toBeGreaterThan(12);
  const unknown = [...used].filter((name) => !page.includes(`\`${name.replace(/_(?:bucket|sum|count)$/, '')}\``));
  expect(unknown).toEqual([]);
});

describe.skipIf(helm === undefined)('helm', () => {
  const metrics = (values: object) => render({ values: { controller: { metrics: { enabled: true, ...values } } } });
  const ofKind = async (kind: string, values: object) =>
    (await metrics(values)).filter((object) => object.kind === kind);

  test('creates a ConfigMap with the dashboards, with the labels that Grafana looks for', async () => {
    const found = await ofKind('ConfigMap', { dashboard: { enabled: true, labels: { team: 'edge' } } });
    const map = found.find(({ metadata }) => metadata.name.endsWith('-dashboard')) as unknown as V1ConfigMap;
    expect(map.metadata?.labels).toMatchObject({ grafana_dashboard: '1', team: 'edge' });
    const data = Object.entries(map.data ?? {}).map(([name, text]) => [name, JSON.parse(text) as unknown]);
    expect(data).toEqual([...DASHBOARDS].map(([name, text]) => [`tidegate-${name}`, JSON.parse(text) as unknown]));
    expect((await ofKind('ConfigMap', {})).filter(({ metadata }) => metadata.name.endsWith('-dashboard'))).toEqual([]);
    const off = await render({ values: { controller: { metrics: { enabled: false, dashboard: { enabled: true } } } } });
    expect(off.filter(({ metadata }) => metadata.name.endsWith('-dashboard'))).toEqual([]);
  });

  test('adds its own rules to those of the values only with defaultRules', async () => {
    const own = (parse(RULES) as readonly { readonly alert: string }[]).map(({ alert }) => alert);
    const rules = [{ alert: 'Mine', expr: 'vector(1)' }];
    const alerts = async (values: object) =>
      (await ofKind('PrometheusRule', { prometheusRule: { enabled: true, ...values } })).flatMap(alertsOf);
    expect(await alerts({})).toEqual([]);
    expect(await alerts({ rules })).toEqual(['Mine']);
    expect(await alerts({ rules, defaultRules: true })).toEqual([...own, 'Mine']);
  });
});
