/**
 * `npm run bench conf`: time of `nginx -t` and of a reload, and the size of nginx.conf, compared with the same
 * nginx.conf without Lua.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { requireCapabilities } from './capabilities.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { testConf } from './conf-test.ts';
import type { ConfTest } from './conf-test.ts';
import { startFromDisk, untilAnswers, writeRunDirectories } from './disk.ts';
import type { RunDirectory } from './disk.ts';
import { findImage, startInImage, testInImage } from './image.ts';
import { reload } from './reload.ts';
import type { Reload } from './reload.ts';
import type { Figure, Measured, Ratio } from './result.ts';
import { interleave } from './rounds.ts';
import { siteFiles } from './sites.ts';
import { size, sizes } from './sizes.ts';
import { median } from './statistics.ts';

const BLOCKS = sizes('SITES', [1000, 5000, 10_000], 2);
const ROUNDS = size('ROUNDS', 5);
const BACKEND = { address: '127.0.0.1', port: 9 };

/** An NGINX that this machine can run: its own, or the image's. */
interface Nginx {
  readonly version: string;
  readonly capabilities: Parameters<typeof writeRunDirectories>[2];
  test(directory: RunDirectory): Promise<ConfTest>;
  /** Starts NGINX and waits until it answers; `master` is the pid of the master process. */
  start(scope: Scope, directory: RunDirectory): Promise<{ master: number; stop(): Promise<unknown> }>;
}

async function ownNginx(): Promise<Nginx> {
  const capabilities = await requireCapabilities();
  return {
    version: capabilities.version,
    capabilities,
    test: testConf,
    async start(scope, directory) {
      const nginx = startFromDisk(scope, directory);
      await nginx.ready();
      return nginx;
    },
  };
}

async function imageNginx(): Promise<Nginx | string> {
  const image = await findImage();
  if (typeof image === 'string') return image;
  return {
    version: image.version,
    capabilities: image.capabilities,
    test: async (directory) => testInImage(image, directory),
    async start(scope, directory) {
      const started = await startInImage(scope, image, directory);
      await untilAnswers(directory);
      return started;
    },
  };
}

interface Pair {
  readonly ours: Figure;
  readonly plain: Figure;
}

async function measureBlocks(scope: Scope, nginx: Nginx, blocks: number): Promise<Pair> {
  scope.say(`nginx ${nginx.version}, ${blocks} blocks`);
  const files = siteFiles(blocks, BACKEND.address, BACKEND.port);
  const upstream = `${BACKEND.address}:${BACKEND.port}`;
  const directories = await writeRunDirectories(scope, files, nginx.capabilities, upstream);
  const names = ['ours', 'plain'] as const;
  const tests = await interleave<ConfTest>(ROUNDS, {
    ours: async () => nginx.test(directories.ours),
    plain: async () => nginx.test(directories.plain),
  });
  const reloads: Record<string, Reload[]> = {};
  for (const name of names) {
    const running = await nginx.start(scope, directories[name]);
    const rounds: Reload[] = [];
    for (let i = 0; i < ROUNDS; i += 1) {
      rounds.push(await reload(running.master, directories[name].pidPort));
      // The master stops the old workers 100 ms after it has started the new ones.
      await sleep(300);
    }
    reloads[name] = rounds;
    await running.stop();
  }
  const figure = (name: 'ours' | 'plain', subject: string): Figure => ({
    subject: `nginx ${nginx.version}, ${blocks}: ${subject}`,
    values: {
      'test ms': median((tests[name] ?? []).map(({ ms }) => ms)),
      'test CPU ms': median((tests[name] ?? []).map(({ cpu }) => cpu)),
      'reload ms': median((reloads[name] ?? []).map(({ ms }) => ms)),
      'reload CPU ms': median((reloads[name] ?? []).map(({ cpu }) => cpu)),
      'conf KiB': directories[name].confBytes / 1024,
    },
  });
  return { ours: figure('ours', 'generated'), plain: figure('plain', 'without Lua') };
}

function ratiosOf(version: string, pairs: ReadonlyMap<number, Pair>): Ratio[] {
  const aims: Readonly<Record<string, string>> = { 'test CPU ms': 'at most 1.3' };
  return [...pairs].flatMap(([blocks, { ours, plain }]) =>
    ['test CPU ms', 'reload ms'].map((name) => ({
      what: `nginx ${version}, ${blocks}: ${name}, generated / without Lua`,
      value: (ours.values[name] ?? Number.NaN) / (plain.values[name] ?? Number.NaN),
      ...(aims[name] !== undefined && { aim: aims[name] }),
    })),
  );
}

/**
 * Bytes of nginx.conf for each additional host without annotations, from the difference of the smallest and the largest
 * nginx.conf.
 */
function bytesPerHost(pairs: ReadonlyMap<number, Pair>): number {
  const [least, most] = [Math.min(...pairs.keys()), Math.max(...pairs.keys())];
  const bytes = (blocks: number) => (pairs.get(blocks)?.ours.values['conf KiB'] ?? Number.NaN) * 1024;
  return (bytes(most) - bytes(least)) / (most - least);
}

async function measure(scope: Scope): Promise<Measured> {
  const image = await imageNginx();
  const all = [await ownNginx(), ...(typeof image === 'string' ? [] : [image])];
  const figures: Figure[] = [];
  const ratios: Ratio[] = [];
  const notes: string[] = [];
  for (const nginx of all) {
    const pairs = new Map<number, Pair>();
    for (const blocks of BLOCKS) pairs.set(blocks, await measureBlocks(scope, nginx, blocks));
    figures.push(...[...pairs.values()].flatMap(({ ours, plain }) => [ours, plain]));
    ratios.push(...ratiosOf(nginx.version, pairs));
    if (BLOCKS.length > 1) {
      notes.push(
        `A plain host takes ${Math.round(bytesPerHost(pairs))} bytes of nginx.conf with nginx ${nginx.version}.`,
      );
    }
  }
  if (typeof image === 'string') notes.push(`The image's NGINX was not measured: ${image}.`);
  return { rounds: ROUNDS, sizes: { blocks: BLOCKS }, figures, ratios, notes };
}

if (import.meta.main) {
  await runBench({
    name: 'conf',
    title: 'Reading nginx.conf',
    about:
      '`nginx -t` with the generated nginx.conf of a number of hosts without annotations, and a reload (from SIGHUP until a ' +
      'new worker answers), compared with the same server blocks without directives of the Lua module. Figures are medians.',
    minutes: 30,
    measure,
  });
}
