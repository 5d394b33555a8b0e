/** Drills with run directories on file systems that are full or read-only, which needs root, and with damaged files. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { startInstance } from '../runner/instance.ts';
import { comeBackToDamage, DAMAGES, sitOutNoWriting, startOnDamage } from './disk.ts';
import type { Damage } from './disk.ts';
import { SETTINGS, startDrill } from './drill.ts';
import type { Drill } from './drill.ts';
import { fill, mountReadOnly, mountSmall, unmount } from './mounts.ts';

const DAMAGE_NAMES = Object.keys(DAMAGES) as Damage[];

let backends: Backends;
let drill: Drill;

beforeAll(async () => {
  backends = await startBackends();
}, 30_000);

afterAll(() => backends?.stop());

describe('a run directory on a small file system', () => {
  beforeAll(async () => {
    drill = await startDrill('ft', backends, { files: SETTINGS, beforeStart: (runDir) => mountSmall(runDir, 4) });
  }, 60_000);
  afterAll(async () => {
    // A mount point cannot be removed, and is in use until the controller has stopped.
    await drill.instance.end('SIGTERM');
    unmount(drill.instance.runDir);
    await drill.dispose();
  });

  it('may be full: endpoints are still sent, and new hosts are served once there is space', async () => {
    const { runDir } = drill.instance;
    let makeRoom = (): void => undefined;
    await sitOutNoWriting(
      drill,
      'file system full',
      'ENOSPC|No space left',
      () => (makeRoom = fill(runDir)),
      () => makeRoom(),
    );
  }, 60_000);

  it('may be full when the controller restarts: NGINX still serves, and a later start succeeds', async () => {
    const { instance } = drill;
    const makeRoom = fill(instance.runDir);
    await instance.end('SIGKILL');
    const losses = await drill.under(async () => {
      await expect(drill.start()).rejects.toThrow(/ENOSPC/);
      makeRoom();
      await drill.start();
      await drill.converged();
    });
    expect(losses.examples).toEqual([]);
  }, 60_000);

  it('may be read-only: endpoints are still sent, and new hosts are served once it is writable', async () => {
    const { runDir } = drill.instance;
    await sitOutNoWriting(
      drill,
      'run directory read-only',
      'EROFS|Read-only',
      () => mountReadOnly(runDir),
      () => unmount(runDir),
    );
  }, 60_000);

  it('may be read-only when a second controller starts, which then exits', async () => {
    const { runDir } = drill.instance;
    mountReadOnly(runDir);
    const second = await startInstance({}, { start: false, runDir });
    try {
      await expect(second.start()).rejects.toThrow(/EROFS|read-only/);
    } finally {
      await second.dispose();
      unmount(runDir);
    }
    await drill.answering();
  }, 60_000);
});

describe('a damaged file of the run directory does not prevent a start', () => {
  beforeAll(async () => {
    drill = await startDrill('fm', backends, { files: SETTINGS });
  }, 60_000);
  afterAll(() => drill.dispose());

  for (const file of ['live.data', 'nginx.conf']) {
    for (const damage of DAMAGE_NAMES) {
      it(`${file}, ${damage}, while NGINX runs`, () => comeBackToDamage(drill, file, damage), 60_000);
      it(`${file}, ${damage}, while NGINX does not run`, () => startOnDamage(drill, file, damage), 60_000);
    }
  }
});
