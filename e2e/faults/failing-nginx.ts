/** Drills in which NGINX hangs, rejects its configuration, or dies. */
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { once } from 'node:events';
import { expect } from 'vitest';
import { until } from '../runner/instance.ts';
import { masterOf } from '../runner/processes.ts';
import { expectNothingLost, killNginx, tell } from './drill.ts';
import type { Drill } from './drill.ts';
import type { Wrapper } from './wrapper.ts';

/** `nginx -t` hangs until `end` resolves. Endpoints are sent in the meantime. */
export async function hangInTest(
  drill: Drill,
  wrapper: Wrapper,
  what: string,
  end: () => Promise<unknown>,
): Promise<void> {
  const { instance } = drill;
  let ms = 0;
  const { others } = await drill.stageBoth();
  const losses = await drill.under(async () => {
    wrapper.mode('hang-test');
    drill.publish();
    await drill.answering(others);
    await end();
    wrapper.mode(undefined);
    ms = await drill.converged();
  });
  tell(what, losses, ms);
  expectNothingLost(losses);
  expect(instance.lines.join('\n')).not.toMatch(/quarantined/);
}

/**
 * NGINX is killed, and then exits at each of several starts. The pauses between the controller's attempts become
 * longer, and NGINX serves after the first start that succeeds.
 */
export async function dieInStart(drill: Drill, wrapper: Wrapper, attempts: number): Promise<void> {
  const { instance } = drill;
  const times: number[] = [];
  let ms = 0;
  drill.addHost();
  await drill.foresee();
  const losses = await drill.under(async () => {
    wrapper.mode('die');
    const before = wrapper.starts();
    await killNginx(instance.runDir);
    drill.publish();
    for (let count = 1; count <= attempts; count += 1) {
      await until(`attempt ${count}`, () => wrapper.starts() - before >= count, 30_000);
      times.push(performance.now());
    }
    wrapper.mode(undefined);
    ms = await drill.converged({ timeout: 45_000 });
  });
  tell(`NGINX dies at ${attempts} starts in a row`, losses, ms);
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  process.stdout.write(`  pauses between the starts: ${gaps.map((gap) => `${Math.round(gap)} ms`).join(', ')}\n`);
  // Each pause is twice as long as the previous one, or longer on a busy machine.
  for (const [i, gap] of gaps.entries()) expect(gap).toBeGreaterThan(300 * 2 ** i);
}

/** The master is stopped, so that it handles no signal until it is resumed. Its workers continue to run. */
export async function doNotConfirm(drill: Drill): Promise<void> {
  const { instance } = drill;
  const from = instance.lines.length;
  let ms = 0;
  const { site, others } = await drill.stageBoth();
  const losses = await drill.under(async () => {
    const master = masterOf(instance.runDir)?.pid ?? Number.NaN;
    process.kill(master, 'SIGSTOP');
    try {
      drill.publish();
      await drill.answering(others);
      await instance.line(/failed: NGINX did not accept the new configuration/, from, 60_000);
      drill.changeEndpoints(site);
      drill.publish();
      await drill.answering(others);
    } finally {
      process.kill(master, 'SIGCONT');
    }
    await drill.foresee();
    ms = await drill.converged({ timeout: 40_000 });
  });
  tell('NGINX does not confirm a reload', losses, ms);
  expectNothingLost(losses);
}

async function listenOn(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/**
 * A port is in use by another process, which `nginx -t` does not notice, but a reload does. `listen` adds the port to
 * the configuration.
 */
export async function refuseWhatWasTested(drill: Drill, port: number, listen: () => void): Promise<void> {
  const { instance } = drill;
  const from = instance.lines.length;
  const [site = ''] = drill.pods.keys();
  const other = await listenOn(port);
  let ms = 0;
  const losses = await drill.under(async () => {
    listen();
    drill.changeEndpoints(site);
    drill.publish();
    await instance.line(/failed: NGINX did not accept the new configuration: .*bind\(\)/, from, 30_000);
    await drill.answering();
    await drill.foresee();
    other.close();
    await once(other, 'close');
    ms = await drill.converged();
  });
  tell('a reload rejects what nginx -t accepted', losses, ms);
  expectNothingLost(losses);
}
