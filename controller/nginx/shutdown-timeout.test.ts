import { expect, test } from 'vitest';
import { shutdownTimeoutMs } from './shutdown-timeout.ts';

test.each([
  ['worker_shutdown_timeout 240s;', 240_000],
  ['worker_processes 2;\nworker_shutdown_timeout 10;\n', 10_000],
  ['  worker_shutdown_timeout 1h30m;', 5_400_000],
  ['worker_shutdown_timeout 1m 500ms;', 60_500],
  ['# worker_shutdown_timeout 5s;', 240_000],
  ['', 240_000],
])('the shutdown timeout of the nginx.conf %j is %i ms', (conf, ms) => {
  expect(shutdownTimeoutMs(conf)).toBe(ms);
});
