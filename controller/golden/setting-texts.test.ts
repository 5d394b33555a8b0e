/** Which text of a ConfigMap key is in force when nginx, or the key's parser, rejects the current one. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { createBuild } from '../app/build.ts';
import { createRender } from '../render/render.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from './build-fixed.ts';
import { emptyWorld, put } from './incremental/world.ts';

const build = createBuild(MODEL_OPTIONS, () => createRender(TEMPLATES, RENDER_OPTIONS));

interface Known {
  readonly good?: Record<string, string>;
  /** Key → the text that nginx refused. */
  readonly refused?: Record<string, string>;
}

function built(data: Record<string, string>, { good = {}, refused = {} }: Known = {}) {
  const object: V1ConfigMap = { metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }, data };
  const { snapshot, overrides } = put(emptyWorld(), 'ConfigMap', MODEL_OPTIONS.configMap, object);
  const settingTexts = {
    good: new Map(Object.entries(good)),
    refused: new Map(Object.entries(refused).map(([key, text]) => [key, { text, message: 'it says no' }])),
  };
  const { artifact, plan, problems } = build(snapshot, { ...overrides, settingTexts });
  return { conf: artifact.conf, problems, texts: Object.fromEntries(plan.settingTexts) };
}

const FORMAT = 'log-format-upstream';

test('a value that nginx refuses is replaced by the last good value of its key, and all other keys apply', () => {
  const data = { [FORMAT]: '$nonsense', 'worker-processes': '7', 'http-snippet': 'expires 1h;' };
  const { conf, problems, texts } = built(data, {
    good: { [FORMAT]: '$status' },
    refused: { [FORMAT]: '$nonsense' },
  });
  expect(conf).toContain('log_format upstreaminfo escape=default "$status";');
  expect(conf).toContain('worker_processes 7;');
  expect(conf).toContain('expires 1h;');
  expect(texts).toEqual({ ...data, [FORMAT]: '$status' });
  expect(problems).toMatchObject([
    {
      code: 'refused-by-nginx',
      severity: 'error',
      object: { kind: 'ConfigMap', namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
      field: ['data', FORMAT],
      value: '"$nonsense"',
      message: `${FORMAT} is refused by nginx: it says no; its last good value stays in force`,
    },
  ]);
});

test('without a last good value, a refused value is replaced by the default, and a refused snippet is left out', () => {
  const data = { [FORMAT]: '$nonsense', 'http-snippet': 'x y;', 'worker-processes': '7' };
  const { conf, problems } = built(data, { refused: { [FORMAT]: '$nonsense', 'http-snippet': 'x y;' } });
  expect(conf).toContain('$remote_addr - $remote_user');
  expect(conf).not.toContain('x y;');
  expect(conf).toContain('worker_processes 7;');
  expect(problems.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      `${FORMAT} is refused by nginx: it says no; its default is used`,
      'http-snippet is refused by nginx: it says no; it is left out',
    ]),
  );
});

test('a value that differs from the refused value is used', () => {
  const { conf, problems } = built({ [FORMAT]: '$status' }, { refused: { [FORMAT]: '$nonsense' } });
  expect(conf).toContain('"$status"');
  expect(problems).toEqual([]);
});

test('a value that the parser of its key rejects is replaced by the last good value', () => {
  const { conf, problems } = built({ 'worker-processes': 'many' }, { good: { 'worker-processes': '7' } });
  expect(conf).toContain('worker_processes 7;');
  expect(problems).toMatchObject([{ code: 'invalid-setting', field: ['data', 'worker-processes'] }]);
  expect(problems[0]?.message).toMatch(/; its last good value stays in force$/);
});

test('a log format with an undefined variable is replaced by the last good format, not by the default', () => {
  const { conf, problems, texts } = built({ [FORMAT]: '$no_such_variable' }, { good: { [FORMAT]: '$status' } });
  expect(conf).toContain('"$status"');
  expect(texts).toEqual({ [FORMAT]: '$status' });
  expect(problems).toMatchObject([{ field: ['data', FORMAT] }]);
  expect(problems[0]?.message).toMatch(/; its last good value stays in force$/);
});

test('an invalid access list is replaced by its last good value, or denies all clients if there is none', () => {
  const data = { 'whitelist-source-range': 'office' };
  const kept = built(data, { good: { 'whitelist-source-range': '10.0.0.0/8' } });
  expect(kept.conf).toContain('allow "10.0.0.0/8";');
  const { conf } = built(data);
  expect(conf).not.toContain('allow "');
  expect(conf).toContain('deny "all";');
});

test.each([
  ['denylist-source-range', '10.0.0.0/33', '    deny "0.0.0.0/0";\n    deny "::/0";'],
  ['block-cidrs', 'office', '    geo $tidegate_client $tidegate_blocked {\n        default 0;\n        "0.0.0.0/0" 1;'],
])('%s: the invalid value %s blocks every address if no value was in force before', (name, text, directives) => {
  const first = built({ [name]: text });
  expect(first.conf).toContain(directives);
  expect(first.problems).toMatchObject([{ severity: 'error', effect: 'denied-location', field: ['data', name] }]);
  // After a restart of the controller, the result is the same.
  expect(built({ [name]: text }, { good: first.texts }).conf).toBe(first.conf);
});

test('no peer is trusted if proxy-real-ip-cidr is invalid', () => {
  const { conf } = built({ 'use-forwarded-headers': 'true', 'proxy-real-ip-cidr': 'loadbalancer' });
  expect(conf).toContain('real_ip_header X-Forwarded-For;');
  expect(conf.match(/set_real_ip_from "?[^u]/g)).toBeNull();
  const some = built({ 'use-forwarded-headers': 'true', 'proxy-real-ip-cidr': '10.0.0.0/8,loadbalancer' }).conf;
  expect(some.match(/set_real_ip_from [^u].*/g)).toEqual(['set_real_ip_from "10.0.0.0/8";']);
});

test('no header is trusted if the name of forwarded-for-header is invalid', () => {
  const { conf } = built({ 'use-forwarded-headers': 'true', 'forwarded-for-header': 'X:Y' });
  expect(conf).toContain('real_ip_header "tidegate:none";');
});

test('if nginx refuses the removal of a value, the last good value remains in force', () => {
  const { conf, problems } = built({}, { good: { 'http-snippet': 'expires 1h;' }, refused: { 'http-snippet': '' } });
  expect(conf).toContain('expires 1h;');
  expect(problems[0]?.message).toMatch(/^the removal of http-snippet is refused/);
});

test('settingTexts remains the same object if a newly known last good value changes nothing', () => {
  const object: V1ConfigMap = {
    metadata: { namespace: 'ingress-nginx', name: 'x' },
    data: { 'worker-processes': '7' },
  };
  const { snapshot, overrides } = put(emptyWorld(), 'ConfigMap', MODEL_OPTIONS.configMap, object);
  const texts = (good: Record<string, string>) => ({ good: new Map(Object.entries(good)), refused: new Map() });
  const one = build(snapshot, { ...overrides, settingTexts: texts({}) });
  const two = build(snapshot, { ...overrides, settingTexts: texts({ 'worker-processes': '7' }) });
  expect(two.plan.settingTexts).toBe(one.plan.settingTexts);
  expect(two.artifact.conf).toBe(one.artifact.conf);
});
