/** Long drills in which NGINX hangs, dies, rejects a configuration, or does not confirm one. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { freePort } from '../runner/port.ts';
import { SETTINGS, startDrill } from './drill.ts';
import type { Drill } from './drill.ts';
import { dieInStart, doNotConfirm, hangInTest, refuseWhatWasTested } from './failing-nginx.ts';
import { copyTemplates } from './templates.ts';
import type { Templates } from './templates.ts';
import { createWrapper } from './wrapper.ts';
import type { Wrapper } from './wrapper.ts';

let backends: Backends;
let templates: Templates;
let wrapper: Wrapper;
let drill: Drill;

beforeAll(async () => {
  backends = await startBackends();
  templates = copyTemplates();
  wrapper = createWrapper();
  const args = ['--template-dir', templates.folder];
  drill = await startDrill('fn', backends, { args, renderArgs: args, env: wrapper.env, files: SETTINGS });
}, 60_000);

afterAll(async () => {
  await drill?.dispose();
  wrapper?.dispose();
  templates?.dispose();
  await backends?.stop();
});

it('the controller reports an nginx -t that does not end, and runs nginx -t again', async () => {
  const { lines } = drill.instance;
  const from = lines.length;
  await hangInTest(drill, wrapper, 'nginx -t hangs until it is killed', () =>
    drill.instance.line(/failed: .*nginx -t did not end within/, from, 60_000),
  );
}, 120_000);

it(
  'the controller restarts an NGINX that exits at each start, after longer and longer pauses',
  () => dieInStart(drill, wrapper, 5),
  90_000,
);

it('the old nginx.conf stays in force if NGINX does not confirm the new one', () => doNotConfirm(drill), 150_000);

it('the old nginx.conf stays in force if a reload rejects what nginx -t accepted', async () => {
  const port = await freePort();
  await refuseWhatWasTested(drill, port, () =>
    templates.change(
      'server {',
      `server {\n        listen 127.0.0.1:${port};\n        return 204;\n    }\n\n    server {`,
    ),
  );
  expect(drill.instance.lines.join('\n')).not.toMatch(/settings of the ConfigMap: /);
}, 90_000);
