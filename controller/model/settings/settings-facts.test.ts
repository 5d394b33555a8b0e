/** Settings whose effect depends on facts about the machine. */
import { expect, test } from 'vitest';
import type { Facts } from '../contract/setting.ts';
import { contributeSettings, readSettings } from './settings.ts';

const MACHINE: Facts = {
  processors: 3,
  openFiles: { standard: 4096, most: 8192 },
  brotli: false,
  headersMore: false,
  stream: true,
  http3Obstacle: 'needs an NGINX of the test',
};

/** Directives in nginx.conf and messages of Problems that a ConfigMap produces. */
function read(data: Record<string, string>, facts: Partial<Facts> = {}) {
  const all = { ...MACHINE, ...facts };
  const { settings, problems } = readSettings({ data }, all);
  const { main, events, http } = contributeSettings(settings, all);
  const words = [...main, ...events, ...http].map(({ name, args }) =>
    [name, ...args.map(({ conf }) => conf)].join(' '),
  );
  return { words, messages: problems.map(({ message }) => message) };
}

test('enable-brotli without the brotli module is reported, and gzip still works', () => {
  const data = { 'enable-brotli': 'true', 'use-gzip': 'true' };
  const { words, messages } = read(data);
  expect(words).toContain('gzip on');
  expect(words).not.toContain('brotli on');
  expect(messages).toEqual([
    "enable-brotli needs a module that is not installed: Debian's libnginx-mod-http-brotli-filter",
  ]);
  expect(read(data, { brotli: true })).toMatchObject({ messages: [] });
  expect(read(data, { brotli: true }).words).toContain('brotli on');
  expect(words.filter((each) => each.startsWith('gzip_vary'))).toHaveLength(1);
});

test.each([
  [{}, ['worker_rlimit_nofile 4096', 'worker_connections 16384'], []],
  [{ 'max-worker-connections': '0' }, ['worker_connections 3072'], []],
  [{ 'max-worker-connections': '5000' }, ['worker_connections 4096'], [/more than the 4096 files/]],
  [{ 'max-worker-connections': '5000', 'max-worker-open-files': '6000' }, ['worker_connections 5000'], []],
  [{ 'max-worker-connections': '9', 'max-worker-open-files': '6000' }, ['worker_connections 256'], [/below 256/]],
  [{ 'max-worker-open-files': '9000' }, ['worker_rlimit_nofile 8192'], [/above the hard limit/]],
  [{ 'max-worker-open-files': '9' }, ['worker_rlimit_nofile 4096'], [/below 1024/]],
])('the limits of a worker with the settings %j are %j', (data, words, messages) => {
  const found = read(data);
  expect(found.words).toEqual(expect.arrayContaining(words));
  expect(found.messages).toEqual(messages.map((pattern) => expect.stringMatching(pattern) as string));
});
