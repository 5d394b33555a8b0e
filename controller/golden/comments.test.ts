/** Comments in nginx.conf name the objects to which its lines belong; a change to these comments needs no reload. */
import type { V1Ingress } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { createBuild } from '../app/build.ts';
import { createRender } from '../render/render.ts';
import { sameButComments } from '../types/conf-comment.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from './build-fixed.ts';
import { backendOf } from './incremental/names.ts';
import { emptyWorld, put } from './incremental/world.ts';

function ingress(name: string, path: string, service: string, annotations: Record<string, string> = {}): V1Ingress {
  const rules = [{ host: 'a.test', http: { paths: [{ path, pathType: 'Prefix', backend: backendOf(service, 80) }] } }];
  return { metadata: { namespace: 'shop', name, annotations }, spec: { rules } };
}

/** The artifacts for several lists of Ingresses, which are built one after the other as by one controller. */
function confs(...worlds: readonly (readonly V1Ingress[])[]) {
  const render = createRender(TEMPLATES, RENDER_OPTIONS);
  const build = createBuild(MODEL_OPTIONS, () => render);
  return worlds.map((ingresses) => {
    let world = emptyWorld();
    for (const each of ingresses) world = put(world, 'Ingress', `shop/${each.metadata?.name}`, each);
    return build(world.snapshot, world.overrides).artifact;
  });
}

test.each([
  ['another Service', ingress('web', '/api', 'new'), '# shop/web: /api -> shop/new:80'],
  ['another Ingress', ingress('moved', '/api', 'api'), '# shop/moved: /api -> shop/api:80'],
  [
    'a redirect',
    ingress('web', '/api', 'api', { 'nginx.ingress.kubernetes.io/permanent-redirect': 'https://b.test/' }),
    '# shop/web: /api -> redirect',
  ],
])('after a change to %s, the comment in nginx.conf is updated, and no reload is needed', (_, next, comment) => {
  const [before, after] = confs([ingress('web', '/api', 'api')], [next]);
  expect(before?.conf).toContain('        # shop/web: /api -> shop/api:80\n        location = "/api" {\n');
  expect(after?.conf).toContain(`        ${comment}\n        location = "/api" {\n`);
  expect(after?.confDigest).toBe(before?.confDigest);
  expect(sameButComments(before?.conf ?? '', after?.conf ?? '')).toBe(true);
});

test('a changed directive in nginx.conf needs a reload', () => {
  const size = { 'nginx.ingress.kubernetes.io/proxy-body-size': '2m' };
  const [before, after] = confs([ingress('web', '/api', 'api')], [ingress('web', '/api', 'api', size)]);
  expect(after?.confDigest).not.toBe(before?.confDigest);
  expect(sameButComments(before?.conf ?? '', after?.conf ?? '')).toBe(false);
});

test('comments name canaries after the main Service, and only the first of many Ingresses of a host', () => {
  const canary = { 'nginx.ingress.kubernetes.io/canary': 'true', 'nginx.ingress.kubernetes.io/canary-weight': '5' };
  const many = Array.from({ length: 7 }, (_, index) => ingress(`web-${index}`, `/${index}`, 'api'));
  const [artifact] = confs([...many, ingress('web-next', '/0', 'next', canary)]);
  expect(artifact?.conf).toContain('# shop/web-0: /0 -> shop/api:80, canaries shop/next:80\n');
  expect(artifact?.conf).toMatch(/ {4}#( shop\/web-[\w-]+,){4} shop\/web-[\w-]+ and \d more\n {4}server \{\n/);
});

test('a comment contains only harmless characters of a path, and nginx.conf contains only Latin-1 characters', () => {
  const [artifact] = confs([ingress('web', '/a;} { "\'\\ $x #', 'api'), ingress('other', '/ß', 'api')]);
  expect(artifact?.conf).toContain('# shop/web: /a%3B%7D%20%7B%20%22%27%5C%20%24x%20%23 -> shop/api:80\n');
  expect(artifact?.conf).toMatch(/^[\u0000-\u00ff]*$/);
});
