/**
 * Puts payloads into every field that an advisory names, and into every annotation that Tidegate supports. No payload
 * may add a directive. Each Ingress has a twin with harmless text; the server block of the Ingress may contain only the
 * directives of the twin's server block.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { requestOnce } from '../client/connection.ts';
import { ANNOTATION_KEYS } from '../../controller/model/features/annotations.ts';
import { readConf, serversOf, skeleton } from '../runner/conf.ts';
import type { ConfNode } from '../runner/conf.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { placeIn } from '../runner/object.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { podOf } from './served.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';

interface Row {
  readonly advisory: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Annotations without a payload, which the Ingress needs. The twin has them, too, because they add directives. */
  readonly harmless?: Readonly<Record<string, string>>;
  /** Directives that may contain the payload, because they quote it. */
  readonly quotedIn?: readonly string[];
  readonly path?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly data?: Readonly<Record<string, string>>;
  /** If set, the Ingress has an annotation with a value of this length. */
  readonly huge?: number;
}

const SHAPES = [
  'x"; return 418 injected; #',
  "x'; return 418 injected; #",
  'x;} location /evil {return 418 injected;} #',
  'x\nreturn 418 injected;\n#',
  'x\\"; return 418 injected; #',
  '$host$request_uri${tidegate_route}',
];

const advisories = parse(readFileSync(new URL('payloads.yaml', import.meta.url), 'utf8')) as Row[];
const rows: Row[] = [
  ...advisories,
  ...[...ANNOTATION_KEYS.keys()].map((key) => ({ advisory: `annotation ${key}`, annotations: { [key]: '' } })),
];

let backends: Backends;
let instance: Instance;
let conf: ConfNode[];
const addresses = takeAddresses(1);

function annotationsOf(row: Row): Record<string, string> {
  if (row.huge !== undefined) return { 'app-root': '/'.repeat(row.huge) };
  return { ...row.annotations, ...row.harmless };
}

function siteOf(row: Row, shape: number): string {
  return `i${rows.indexOf(row)}-${shape}`;
}

function withPayload(row: Row, shape: number): KubernetesObject {
  const generic = row.advisory.startsWith('annotation ');
  const annotations = annotationsOf(row);
  if (generic) for (const key of Object.keys(annotations)) annotations[key] = SHAPES[shape] ?? '';
  const site = siteOf(row, shape);
  const ingress = ingressOf(site, 'web', { annotations, path: `${row.path ?? '/'} ImplementationSpecific` });
  const metadata = { ...ingress.metadata, ...(row.name && { name: row.name }), ...(row.uid && { uid: row.uid }) };
  return { ...ingress, metadata };
}

/**
 * The Ingress without payloads. It uses regular expressions if the row does, because regular expressions change the
 * form of locations.
 */
function twin(row: Row, shape: number): KubernetesObject {
  const regex = row.annotations?.['use-regex'] === undefined ? {} : { 'use-regex': 'true', 'rewrite-target': '/x' };
  const annotations = { ...regex, ...row.harmless };
  const path = row.path === undefined ? '/' : '/harmless';
  return ingressOf(`${siteOf(row, shape)}-twin`, 'web', { annotations, path: `${path} ImplementationSpecific` });
}

function shapesOf(row: Row): number[] {
  return row.advisory.startsWith('annotation ') ? SHAPES.map((_, i) => i) : [0];
}

function blockOf(site: string): string[] {
  return skeleton(serversOf(conf, hostOf(site)));
}

/** The directives that are in `block` more often than in `allowed`. */
function surplus(block: readonly string[], allowed: readonly string[]): string[] {
  const left = [...allowed];
  return block.filter((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

beforeAll(async () => {
  backends = await startBackends();
  const files: Record<string, KubernetesObject[]> = {
    'web.yaml': podsOf('web', addresses, backends.ports.http),
    'neighbour.yaml': [ingressOf('neighbour', 'web')],
  };
  for (const row of rows) {
    for (const shape of shapesOf(row)) {
      const metadata = { name: 'evil-headers', namespace: NAMESPACE };
      const map = row.data && placeIn(NAMESPACE, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: row.data });
      files[`${siteOf(row, shape)}.yaml`] = [withPayload(row, shape), ...(map ? [map] : [])];
      files[`${siteOf(row, shape)}-twin.yaml`] = [twin(row, shape)];
    }
  }
  instance = await startInstance(files);
  conf = readConf(readFileSync(`${instance.runDir}/conf/nginx.conf`, 'utf8'));
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it('payloads.yaml has rows for 21 advisories, and the test has a row for every annotation', () => {
  expect(advisories).toHaveLength(21);
  expect([...ANNOTATION_KEYS.keys()]).toContain('rewrite-target');
});

/** The effects of a payload: directives that the twin does not have, and responses that were injected. */
async function effects(row: Row, shape: number): Promise<string[]> {
  const site = siteOf(row, shape);
  const found = surplus(blockOf(site), [...blockOf(`${site}-twin`), ...(row.quotedIn ?? [])]);
  for (const path of ['/', '/evil', '/rest', '/x']) {
    const exchange = await requestOnce({ port: instance.httpPort, host: hostOf(site), path });
    if (exchange.kind !== 'answer') found.push(`${path}: ${exchange.kind}`);
    else if (exchange.answer.status === 418 || exchange.answer.body.includes('injected;'))
      found.push(`${path}: injected`);
  }
  return found.map((effect) => `${SHAPES[shape]}: ${effect}`);
}

describe('no directive is added to nginx.conf', () => {
  for (const row of rows) {
    it(`by the payload of ${row.advisory}`, async () => {
      for (const shape of shapesOf(row)) {
        expect(blockOf(`${siteOf(row, shape)}-twin`).length).toBeGreaterThan(0);
        expect(await effects(row, shape)).toEqual([]);
      }
    });
  }
});

it('nginx.conf contains no directive such as ssl_engine or alias, inside or outside server blocks', () => {
  const outside = conf.flatMap((node) =>
    node.words[0] === 'http' ? (node.children ?? []).filter((child) => child.words[0] !== 'server') : [node],
  );
  const names = new Set(skeleton(outside).map((name) => name.split(' > ').at(-1)));
  for (const name of ['ssl_engine', 'content_by_lua_block', 'alias', 'location']) expect(names).not.toContain(name);
  const servers = conf.flatMap((node) => node.children ?? []).filter((child) => child.words[0] === 'server');
  const inside = skeleton(servers).map((name) => name.split(' > ').at(-1));
  for (const name of ['ssl_engine', 'alias', 'include', 'load_module']) expect(inside).not.toContain(name);
  for (const { words } of servers.flatMap((server) => all(server)).filter((node) => node.words[0] === 'root'))
    expect(words.slice(1)).toEqual([expect.stringMatching(/^\/tidegate\/[0-9a-f]{16}$/)]);
});

/** A directive, and all directives inside it. */
function all(node: ConfNode): readonly ConfNode[] {
  return [node, ...(node.children ?? []).flatMap(all)];
}

it('no payload affects other Ingresses', async () => {
  expect(await podOf(instance, 'neighbour')).toBe(addresses[0]);
  expect(await podOf(instance, `${siteOf(rows[0] as Row, 0)}-twin`)).toBe(addresses[0]);
});
