/** The payloads of ingress-nginx's advisories: admission denies them, or they are inert when they are built. */
import { readFileSync } from 'node:fs';
import type { V1ConfigMap, V1Ingress } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createBuild } from '../../app/build.ts';
import { DEFAULT_PREFIX } from '../../model/features/annotations.ts';
import { createRender } from '../../render/render.ts';
import { type ConfNode, parseConf } from '../../types/tokenizer.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../build-fixed.ts';
import { emptyWorld, put, type World } from '../incremental/world.ts';
import { reviewerOf } from './reviewer.ts';

interface Row {
  readonly advisory: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly harmless?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly data?: Record<string, string>;
  readonly huge?: number;
}

const rows = parse(
  readFileSync(new URL('../../../e2e/behaviour/payloads.yaml', import.meta.url), 'utf8'),
) as readonly Row[];

function ingressOf({ annotations = {}, harmless = {}, path = '/', name = 'evil', uid = 'u', huge }: Row): V1Ingress {
  const all = huge === undefined ? { ...annotations, ...harmless } : { 'app-root': '/'.repeat(huge) };
  const prefixed = Object.entries(all).map(([key, value]) => [`${DEFAULT_PREFIX}/${key}`, value] as const);
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return {
    metadata: { namespace: 'sites', name, uid, annotations: Object.fromEntries(prefixed) },
    spec: { rules: [{ host: 'a.test', http: { paths: [{ path, pathType: 'ImplementationSpecific', backend }] } }] },
  };
}

/** A cluster whose administrator permits as much as possible. */
function worldFor(row: Row, settings: Record<string, string>): World {
  const configMap: V1ConfigMap = { metadata: { namespace: 'ingress-nginx', name: 'c' }, data: settings };
  const evil: V1ConfigMap = {
    metadata: { namespace: 'sites', name: 'evil-headers' },
    ...(row.data && { data: row.data }),
  };
  const world = put(emptyWorld(), 'ConfigMap', MODEL_OPTIONS.configMap, configMap);
  return put(world, 'ConfigMap', 'sites/evil-headers', evil);
}

/**
 * Payloads in a guard, in a snippet, or with control characters in a path. The others stand where any text is allowed, such
 * as a path, or disable only their own annotation.
 */
const DENIED = new Set(
  [
    '2020-8553',
    '2021-25742',
    '2021-25748',
    '2023-5043',
    '2025-1097',
    '2025-1974',
    '2025-24514',
    '2026-1580',
    '2026-4342',
  ].map((number) => `CVE-${number}`),
);

const render = createRender(TEMPLATES, RENDER_OPTIONS);
const PERMISSIVE = {
  'allow-snippet-annotations': 'true',
  'annotations-risk-level': 'Critical',
  'allow-cross-namespace-resources': 'true',
};

/** Whether a directive is what a payload tries to inject. The payloads themselves may stand in quoted arguments. */
function isInjected({ words: [name, ...values] }: ConfNode): boolean {
  if (name === 'location') return values.some((value) => value === '/evil');
  return (name === 'return' && values[0] === '418') || name === 'ssl_engine' || name === 'alias';
}

function injected(nodes: readonly ConfNode[]): readonly string[] {
  return nodes.flatMap((node) => [
    ...(isInjected(node) ? [node.words.join(' ')] : []),
    ...injected(node.children ?? []),
  ]);
}

describe('the payload of an advisory is denied or inert', () => {
  for (const [policy, settings] of Object.entries({ 'default settings': {}, 'permissive settings': PERMISSIVE })) {
    it.each(rows)(`$advisory, ${policy}`, async (row) => {
      const build = createBuild(MODEL_OPTIONS, () => render);
      const world = worldFor(row, settings);
      build(world.snapshot, world.overrides);
      const { review, stored } = reviewerOf(build);
      const ingress = ingressOf(row);
      const verdict = await review(ingress);
      // An Ingress that slips past the webhook is built all the same.
      const next = put(world, 'Ingress', `sites/${row.name ?? 'evil'}`, stored(ingress));
      const { artifact } = build(next.snapshot, next.overrides);
      expect(injected(parseConf(artifact.conf))).toEqual([]);
      const isSnippet = Object.keys(row.annotations ?? {}).some((name) => name.endsWith('-snippet'));
      if (isSnippet && policy === 'default settings') expect(verdict?.denial).toMatch(/snippet/);
      expect(verdict?.denial !== undefined, verdict?.denial).toBe(DENIED.has(row.advisory));
    });
  }
});
