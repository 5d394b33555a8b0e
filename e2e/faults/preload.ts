/**
 * This module is loaded into the controller with `node --import`, before the controller's own code. It wraps the
 * functions of Node that the controller calls, so that a test can stop the controller, kill it, or make its writes fail
 * at a chosen step. See fault-points.ts.
 */
import child_process from 'node:child_process';
import diagnostics from 'node:diagnostics_channel';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import type { Order, Step } from './steps.ts';

const folder = process.env['TIDEGATE_FAULT_POINTS'] ?? '';
const HOLD_MAX_MS = 10_000;
const LOOK_EVERY_MS = 10;

const real = { ...fs, kill: process.kill.bind(process), spawn: child_process.spawn, now: Date.now, Date };

function read(name: string): unknown {
  const path = join(folder, name);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as unknown) : undefined;
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Called when the controller reaches a step. Carries out the order if the step is armed. */
function reach(step: Step): void {
  const armed = read('armed') as { step: Step; order: Order } | undefined;
  if (armed?.step !== step) return;
  rmSync(join(folder, 'armed'));
  writeFileSync(join(folder, 'next-reached'), '{}');
  renameSync(join(folder, 'next-reached'), join(folder, 'reached'));
  if (armed.order === 'kill') real.kill(process.pid, 'SIGKILL');
  // Blocks the whole process, as if it got no CPU time.
  for (let ms = 0; ms < HOLD_MAX_MS && !existsSync(join(folder, 'go')); ms += LOOK_EVERY_MS) sleepSync(LOOK_EVERY_MS);
}

function refuseWrite(path: unknown): void {
  const failure = read('writes') as { code: string; below: string } | undefined;
  if (failure === undefined || !String(path).startsWith(failure.below)) return;
  throw Object.assign(new Error(`${failure.code}: on purpose, write '${String(path)}'`), { code: failure.code });
}

const isCandidate = (path: unknown): boolean => /\/candidate[^/]*\.conf$/.test(String(path));
const isConf = (path: unknown): boolean => String(path).endsWith('/nginx.conf');
const isJournal = (path: unknown): boolean => String(path).endsWith('/live.data');
const isDraft = (path: unknown): boolean => String(path).endsWith('/live.data.new');

/** Makes a file handle write in two halves, with a step between them. `path` is the path of the file. */
function splitWrites(handle: FileHandle, path: string): FileHandle {
  const write = handle.writeFile.bind(handle);
  const close = handle.close.bind(handle);
  return Object.assign(handle, {
    writeFile: async (text: string) => {
      refuseWrite(path);
      const half = Math.floor(text.length / 2);
      if (isJournal(path)) reach('journal: before a batch is appended');
      await write(text.slice(0, half));
      reach(isJournal(path) ? 'journal: half of a batch appended' : 'compaction: half of the draft written');
      await write(text.slice(half));
    },
    close: async () => {
      await close();
      if (isJournal(path)) reach('journal: batch appended');
    },
  });
}

Object.assign(fs, {
  writeFile: async (...args: Parameters<typeof fs.writeFile>) => {
    refuseWrite(args[0]);
    if (isCandidate(args[0])) reach('candidate: before it is written');
    await real.writeFile(...args);
    if (isCandidate(args[0])) reach('candidate: written');
  },
  rename: async (from: string, to: string) => {
    refuseWrite(to);
    if (isConf(to)) reach('conf: before the rename');
    if (isJournal(to)) reach('compaction: before the rename');
    await real.rename(from, to);
    if (isConf(to)) reach('conf: renamed');
    if (isJournal(to)) reach('compaction: renamed');
  },
  open: async (...args: Parameters<typeof fs.open>) => {
    const [path, flags] = args;
    if (flags !== undefined && flags !== 'r' && flags !== 0) refuseWrite(path);
    if (isDraft(path)) reach('compaction: before the draft');
    const handle = await real.open(...args);
    const writes = isDraft(path) || (isJournal(path) && typeof flags === 'number');
    return writes ? splitWrites(handle, String(path)) : handle;
  },
});

Object.assign(child_process, {
  spawn: (...args: Parameters<typeof child_process.spawn>) => {
    const child = real.spawn(...args);
    if (Array.isArray(args[1]) && args[1].includes('-t')) {
      reach('test: nginx -t runs');
      child.once('exit', () => reach('test: nginx -t has ended'));
    }
    return child;
  },
});

process.kill = (pid, signal) => {
  if (signal === 'SIGHUP') reach('reload: before SIGHUP');
  const sent = real.kill(pid, signal);
  if (signal === 'SIGHUP') reach('reload: SIGHUP sent');
  return sent;
};

/** A message of undici's diagnostics channels about a request. */
interface Told {
  readonly request: { readonly method: string; readonly path: string };
}

function onDelta(channel: string, step: Step): void {
  diagnostics.subscribe(channel, (message) => {
    const { method, path } = (message as Told).request;
    if (method === 'POST' && path === '/v1/delta') reach(step);
  });
}
onDelta('undici:request:create', 'keys: before they are sent');
onDelta('undici:request:trailers', 'keys: NGINX has answered');

let shift = 0;
globalThis.Date = new Proxy(real.Date, {
  construct: (target, args: []) =>
    args.length === 0 ? new target(real.now() + shift) : (Reflect.construct(target, args) as Date),
  apply: () => String(new real.Date(real.now() + shift)),
  get: (target, name, receiver) =>
    name === 'now' ? () => real.now() + shift : (Reflect.get(target, name, receiver) as unknown),
});
setInterval(() => {
  const wanted = (read('clock') as { ms: number } | undefined)?.ms ?? 0;
  if (wanted === shift) return;
  shift = wanted;
  writeFileSync(join(folder, 'clock-is'), String(shift));
}, LOOK_EVERY_MS).unref();

syncBuiltinESMExports();
