/**
 * from-to-www-redirect depends on other Ingresses, so results of earlier builds must not be reused after these change.
 */
import type { V1Ingress } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { issue } from '../../e2e/certificates.ts';
import { createBuild } from '../app/build.ts';
import { createRender } from '../render/render.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from './build-fixed.ts';
import { backendOf, base64 } from './incremental/names.ts';
import { copied, emptyWorld, put, type World } from './incremental/world.ts';

function fresh() {
  const render = createRender(TEMPLATES, RENDER_OPTIONS);
  return createBuild(MODEL_OPTIONS, () => render);
}

function ingress(name: string, host: string, annotations: Record<string, string> = {}, tls?: string): V1Ingress {
  return {
    metadata: { namespace: 'a', name, annotations },
    spec: {
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: backendOf('s1', 80) }] } }],
      ...(tls !== undefined && { tls: [{ hosts: ['www.test'], secretName: tls }] }),
    },
  };
}

const WWW = { 'nginx.ingress.kubernetes.io/from-to-www-redirect': 'true' };
const bare = ingress('bare', 'test', WWW, 't');
const [secret, renewed] = (await Promise.all([issue(['www.test']), issue(['www.test'])])).map(({ cert, key }) => ({
  metadata: { namespace: 'a', name: 't' },
  type: 'kubernetes.io/tls',
  data: { 'tls.crt': base64(cert), 'tls.key': base64(key) },
}));

test('from-to-www-redirect takes account of changed Ingresses of other hosts, aliases and Secrets', () => {
  const warm = fresh();
  let world: World = emptyWorld();
  const look = (changed: World): string => {
    world = changed;
    const copy = copied(world);
    const [now, cold] = [warm(world.snapshot, world.overrides), fresh()(copy.snapshot, copy.overrides)];
    expect(now.artifact.conf).toBe(cold.artifact.conf);
    expect(new Map(now.artifact.live)).toEqual(new Map(cold.artifact.live));
    expect(now.problems).toEqual(cold.problems);
    const redirected = [...now.artifact.live.values()].some((text) => text.includes('"hostRedirect":"test"'));
    const certificate = now.artifact.live.get('n:www.test');
    return `${redirected ? 'redirected' : 'not redirected'}, ${certificate ?? 'no certificate'}`;
  };
  expect(look(put(world, 'Ingress', 'a/bare', bare))).toBe('redirected, no certificate');
  expect(look(put(world, 'Secret', 'a/t', secret))).toBe('redirected, "a/t"');
  expect(look(put(world, 'Secret', 'a/t', renewed))).toBe('redirected, "a/t"');
  expect(look(put(world, 'Ingress', 'a/own', ingress('own', 'www.test')))).toBe('not redirected, no certificate');
  expect(look(put(world, 'Ingress', 'a/bare', structuredClone(bare)))).toBe('not redirected, no certificate');
  expect(look(put(world, 'Ingress', 'a/own', ingress('own', 'other.test')))).toBe('redirected, "a/t"');
  const alias = { 'nginx.ingress.kubernetes.io/server-alias': 'www.test' };
  expect(look(put(world, 'Ingress', 'a/own', ingress('own', 'other.test', alias)))).toBe('redirected, "a/t"');
  expect(look(put(world, 'Ingress', 'a/bare', ingress('bare', 'test')))).toBe('not redirected, no certificate');
  expect(look(put(world, 'Ingress', 'a/bare', bare))).toBe('redirected, "a/t"');
  expect(look(put(world, 'Secret', 'a/t', undefined))).toBe('redirected, no certificate');
});
