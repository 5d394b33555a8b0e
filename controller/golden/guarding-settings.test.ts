/** Settings that guard access: which of their changes reload, and what is left of them where NGINX refuses the others. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { createAssemble } from '../app/assembly.ts';
import { createRender } from '../render/render.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from './assemble.ts';
import { emptyWorld, put } from './incremental/world.ts';

const assemble = createAssemble(MODEL_OPTIONS, () => createRender(TEMPLATES, RENDER_OPTIONS));

function rendered(data: Record<string, string>, defaultSettingsOnly = false) {
  const object: V1ConfigMap = { metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }, data };
  const { snapshot, circumstances } = put(emptyWorld(), 'ConfigMap', MODEL_OPTIONS.configMap, object);
  const { artifact } = assemble(snapshot, { ...circumstances, defaultSettingsOnly });
  return { conf: artifact.conf, settings: artifact.live.get('g:settings') };
}

test('another list of blocked headers is live data', () => {
  const [none, one, other] = [{}, { 'block-user-agents': 'a' }, { 'block-referers': '~b' }].map((data) =>
    rendered(data),
  );
  expect(other?.conf).toBe(one?.conf);
  expect(other?.settings).not.toBe(one?.settings);
  expect(none?.conf).not.toBe(one?.conf);
});

test('settings that NGINX refuses leave those that guard access in force', () => {
  const data = {
    'worker-processes': '7',
    'whitelist-source-range': '10.0.0.0/8',
    'denylist-source-range': '192.0.2.1',
    'block-cidrs': '192.0.2.2',
    'block-user-agents': 'curl',
    'use-forwarded-headers': 'true',
    'proxy-real-ip-cidr': '10.0.0.1',
  };
  const { conf, settings } = rendered(data, true);
  expect(conf).not.toContain('worker_processes 7;');
  for (const line of [
    'allow "10.0.0.0/8";',
    'deny "all";',
    'deny "192.0.2.1";',
    '"192.0.2.2" 1;',
    'set_real_ip_from "10.0.0.1";',
    'blocks = true',
  ])
    expect(conf).toContain(line);
  expect(settings).toContain('"blockedAgents":{"texts":["curl"]');
  expect(rendered(data).conf).toContain('worker_processes 7;');
});
