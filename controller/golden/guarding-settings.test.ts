/** Which changes to settings that restrict access need a reload. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { createBuild } from '../app/build.ts';
import { createRender } from '../render/render.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from './build-fixed.ts';
import { emptyWorld, put } from './incremental/world.ts';

const build = createBuild(MODEL_OPTIONS, () => createRender(TEMPLATES, RENDER_OPTIONS));

function rendered(data: Record<string, string>) {
  const object: V1ConfigMap = { metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }, data };
  const { snapshot, overrides } = put(emptyWorld(), 'ConfigMap', MODEL_OPTIONS.configMap, object);
  const { artifact } = build(snapshot, overrides);
  return { conf: artifact.conf, settings: artifact.live.get('g:settings') };
}

test('a changed list of blocked headers needs no reload', () => {
  const [none, one, other] = [{}, { 'block-user-agents': 'a' }, { 'block-referers': '~b' }].map((data) =>
    rendered(data),
  );
  expect(other?.conf).toBe(one?.conf);
  expect(other?.settings).not.toBe(one?.settings);
  expect(none?.conf).not.toBe(one?.conf);
});
