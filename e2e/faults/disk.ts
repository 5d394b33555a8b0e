/** Drills in which files cannot be written, or are damaged. */
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { until } from '../runner/instance.ts';
import { processesOf } from '../runner/processes.ts';
import { expectNothingLost, killNginx, tell } from './drill.ts';
import type { Drill } from './drill.ts';

/**
 * Calls `fail`, which makes writes fail. Endpoints are still sent, and a log line says why a new host is not served
 * yet. After `heal`, all changes take effect, and the settings still apply.
 */
export async function sitOutNoWriting(
  drill: Drill,
  what: string,
  reason: string,
  fail: () => void,
  heal: () => void,
): Promise<void> {
  const { instance } = drill;
  const from = instance.lines.length;
  let ms = 0;
  const { others } = await drill.stageBoth();
  const losses = await drill.under(async () => {
    fail();
    drill.publish();
    await instance.line(new RegExp(`(refused|failed): .*${reason}`), from);
    // Gives the controller time to react.
    await sleep(500);
    await drill.answering(others);
    heal();
    ms = await drill.converged();
  });
  tell(what, losses, ms);
  expectNothingLost(losses);
}

/** Ways to damage a file of the run directory. */
export const DAMAGES = {
  truncated: (path: string) => truncateSync(path, Math.floor(readFileSync(path).length * 0.6)),
  empty: (path: string) => writeFileSync(path, ''),
  // Every byte is changed, so that the file is no longer text.
  scrambled: (path: string) =>
    writeFileSync(
      path,
      readFileSync(path).map((byte) => byte ^ 0xa5),
    ),
  'cut in the last line': (path: string) => truncateSync(path, readFileSync(path).length - 9),
  gone: (path: string) => rmSync(path),
} as const;

export type Damage = keyof typeof DAMAGES;

/** Damages a file while the controller does not run, and restarts the controller. NGINX runs all the time. */
export async function comeBackToDamage(drill: Drill, file: string, damage: Damage): Promise<void> {
  const { instance } = drill;
  let ms = 0;
  const [site = ''] = drill.pods.keys();
  drill.changeEndpoints(site);
  await drill.foresee();
  const losses = await drill.under(async () => {
    await instance.end('SIGKILL');
    DAMAGES[damage](join(instance.runDir, 'conf', file));
    drill.publish();
    await drill.start();
    ms = await drill.converged();
  });
  tell(`${file} ${damage}, NGINX running`, losses, ms);
  expectNothingLost(losses);
}

/** Damages a file while neither the controller nor NGINX runs. After the next start, NGINX matches the manifests. */
export async function startOnDamage(drill: Drill, file: string, damage: Damage): Promise<void> {
  const { instance } = drill;
  await drill.foresee();
  await instance.end('SIGKILL');
  await killNginx(instance.runDir);
  await until('every process has exited', () => processesOf(instance.runDir).length === 0);
  DAMAGES[damage](join(instance.runDir, 'conf', file));
  await drill.start();
  const ms = await drill.converged();
  process.stdout.write(`${file} ${damage}, NGINX not running: matches the manifests within ${Math.round(ms)} ms\n`);
  expect(processesOf(instance.runDir).length).toBeGreaterThan(1);
}
