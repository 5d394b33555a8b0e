/** Tests values that are written as another type: "true" for true, "2" for 2, and {} for an empty list. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { generatedFiles } from './generated.ts';
import { cases, CHART, helm, render, template } from './helm.ts';

type Values = Record<string, unknown>;

const KINDS = new Map(
  Object.entries(parse(generatedFiles().get('kinds.yaml') ?? '') as Readonly<Record<string, string>>),
);
const DEFAULTS = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as Values;

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value in another notation that values files use for its kind, or the value itself if no other is used. */
function otherwise(kind: string | undefined, value: unknown): unknown {
  if (
    (kind?.endsWith('flag') === true && typeof value === 'boolean') ||
    (kind === 'count' && typeof value === 'number')
  )
    return String(value);
  if (kind === 'list' && Array.isArray(value) && value.length === 0) return {};
  if (kind === 'map' && isMap(value) && Object.keys(value).length === 0) return [];
  return value;
}

/** Writes all values in another notation where possible; `count` is the number of rewritten values. */
function rewritten(values: Values, path = ''): { readonly values: Values; readonly count: number } {
  let count = 0;
  const entries = Object.entries(values).map(([name, value]) => {
    const here = path === '' ? name : `${path}.${name}`;
    const other = otherwise(KINDS.get(here), value);
    if (other !== value) count += 1;
    if (other !== value || !isMap(value)) return [name, other];
    const below = rewritten(value, here);
    count += below.count;
    return [name, below.values];
  });
  return { values: Object.fromEntries(entries) as Values, count };
}

/** Merges `over` into `under`, as helm merges values. */
function merged(under: Values, over: Values): Values {
  const result = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const below = result[name];
    result[name] = isMap(below) && isMap(value) ? merged(below, value) : value;
  }
  return result;
}

test('the first line of every template converts the values to their types', () => {
  const folder = join(CHART, 'templates');
  const files = readdirSync(folder).filter((name) => !name.endsWith('.tpl'));
  expect(files.length).toBeGreaterThan(20);
  const first = (name: string) => readFileSync(join(folder, name), 'utf8').split('\n')[0];
  expect(files.filter((name) => first(name) !== '{{- include "tidegate.values" . -}}')).toEqual([]);
});

describe.skipIf(helm === undefined)('values written as another type', () => {
  test.for([...cases()])('render the same objects: values file %s', async ([, file]) => {
    const own = (parse(readFileSync(file, 'utf8')) ?? {}) as Values;
    const { values, count } = rewritten(merged(DEFAULTS, own));
    // Maps with entries are not rewritten, because helm does not replace a map by []; all other values are.
    expect(count).toBeGreaterThan(80);
    expect(await render({ values })).toEqual(await render({ values: own }));
  });

  test('may be null instead of any value that is not a map, but an invalid boolean is rejected', async () => {
    const nulls: Values = {};
    for (const [path, kind] of KINDS) {
      if (kind === 'map') continue;
      const keys = path.split('.');
      const parent = keys.slice(0, -1).reduce<Values>((map, key) => (map[key] ??= {}) as Values, nulls);
      parent[keys.at(-1) ?? ''] = null;
    }
    // The image block keeps its values, because a security context needs a user.
    const kept = { controller: { image: DEFAULTS['controller'] && (DEFAULTS['controller'] as Values)['image'] } };
    const outcome = await template({ values: merged(nulls, kept) });
    expect(outcome.failed ? outcome.stderr : '').toBe('');
    const { failed, stderr } = await template({ values: { controller: { hostNetwork: 'maybe' } } });
    expect(failed).toBe(true);
    expect(stderr).toContain('/controller/hostNetwork');
  });

  test('become text in annotations and labels, whatever the type of the value', async () => {
    const annotations = { switch: true, port: 10254, seconds: 31_449_600, share: 1.5, text: 'word' };
    const values = {
      commonLabels: { number: 7 },
      controller: {
        annotations,
        podAnnotations: annotations,
        podLabels: { on: true },
        configAnnotations: annotations,
        nodeSelector: { ssd: true },
        replicaCount: 2,
        ingressClassResource: { annotations },
        service: { annotations, labels: { tier: 1 }, internal: { enabled: true, annotations } },
        metrics: { enabled: true, service: { annotations }, serviceMonitor: { enabled: true, annotations } },
        autoscaling: { enabled: true, annotations },
      },
      serviceAccount: { annotations },
      defaultBackend: { enabled: true, podAnnotations: annotations, service: { annotations } },
    };
    const texts = { switch: 'true', port: '10254', seconds: '31449600', share: '1.5', text: 'word' };
    const found: unknown[] = [];
    JSON.stringify(await render({ values }), (key, value: unknown) => {
      if (key === 'annotations') found.push(value);
      if (key === 'labels' || key === 'nodeSelector' || key === 'annotations')
        for (const each of Object.values(value as Values)) expect(each).toBeTypeOf('string');
      return value;
    });
    expect(found.length).toBeGreaterThanOrEqual(11);
    for (const each of found) expect(each).toMatchObject(texts);
  });
});
