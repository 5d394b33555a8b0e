/** `npm run bench build`: CPU time of the controller when it starts and when one object changes. */
import { createBuild } from '../controller/app/build.ts';
import type { Build } from '../controller/app/build.ts';
import { SLICE_MS } from '../controller/time/yield-to-event-loop.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../controller/golden/build-fixed.ts';
import { createRender } from '../controller/render/render.ts';
import type { Snapshot } from '../controller/types/snapshot.ts';
import { differingKeys } from '../controller/types/table/diff.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import {
  EDIT_BLOCK,
  EDIT_ROUTE,
  EDIT_SERVICE,
  editCertificate,
  keyOf,
  manyHosts,
  newCertificate,
} from './build-snapshot.ts';
import type { Edit } from './build-snapshot.ts';
import type { Figure, Measured } from './result.ts';
import { size, sizes } from './sizes.ts';
import { quantile } from './statistics.ts';

const SITES = sizes('SITES', [1000, 5000, 10_000]);
const SAMPLES = size('SAMPLES', 30);
const WARM_UP = 5;

const OVERRIDES = { quarantine: new Map(), resolvedNames: new Map() };

function newBuild(): Build {
  const capabilities = { ...RENDER_OPTIONS.capabilities, ipv6: true };
  const render = createRender(TEMPLATES, { ...RENDER_OPTIONS, capabilities });
  return createBuild(MODEL_OPTIONS, () => render);
}

interface Run {
  /** CPU time of the main thread, in milliseconds. */
  readonly cpu: number;
  /** Wall-clock milliseconds of the longest slice, during which endpoint changes wait. */
  readonly longest: number;
  readonly wall: number;
  readonly live: ReadonlyMap<string, string>;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Runs one build and rendering, in slices like the controller's loop, and computes the difference of the live data. */
async function once(build: Build, snapshot: Snapshot, before: ReadonlyMap<string, string>): Promise<Run> {
  const [started, cpu] = [performance.now(), cpuMs()];
  const steps = build.steps(snapshot, OVERRIDES);
  let longest = 0;
  for (;;) {
    const began = performance.now();
    let step = steps.next();
    while (step.done !== true && performance.now() < began + SLICE_MS) step = steps.next();
    if (step.done === true) Array.from(differingKeys(before, step.value.artifact.live));
    longest = Math.max(longest, performance.now() - began);
    if (step.done === true)
      return { cpu: cpuMs() - cpu, longest, wall: performance.now() - started, live: step.value.artifact.live };
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function figure(subject: string, runs: readonly Run[]): Figure {
  return {
    subject,
    values: {
      'CPU p50 ms': quantile(
        runs.map(({ cpu }) => cpu),
        0.5,
      ),
      'longest slice p50 ms': quantile(
        runs.map(({ longest }) => longest),
        0.5,
      ),
      'longest slice ms': Math.max(...runs.map(({ longest }) => longest)),
      'wall p50 ms': quantile(
        runs.map(({ wall }) => wall),
        0.5,
      ),
    },
  };
}

async function measureSize(count: number, scope: Scope): Promise<readonly Figure[]> {
  scope.say(`${count} hosts`);
  let snapshot = await manyHosts(count);
  const build = newBuild();
  const cold = await once(build, snapshot, new Map());
  const pairs = [await newCertificate(), await newCertificate()];
  let { live } = cold;
  const change = async (edit: Edit): Promise<Run[]> => {
    const runs: Run[] = [];
    for (let round = 0; round < SAMPLES + WARM_UP; round += 1) {
      // Every other host has a certificate.
      snapshot = edit(snapshot, keyOf(((round * 37) % (count / 2)) * 2), round);
      const run = await once(build, snapshot, live);
      live = run.live;
      if (round >= WARM_UP) runs.push(run);
    }
    return runs;
  };
  return [
    figure(`${count} hosts from cold`, [cold]),
    figure(`${count} hosts, one server block changes`, await change(EDIT_BLOCK)),
    figure(`${count} hosts, one route changes`, await change(EDIT_ROUTE)),
    figure(`${count} hosts, one certificate changes`, await change(editCertificate(pairs))),
    figure(`${count} hosts, one Service changes`, await change(EDIT_SERVICE)),
  ];
}

async function measure(scope: Scope): Promise<Measured> {
  // The first build of a process compiles the code that it runs.
  await once(newBuild(), await manyHosts(50), new Map());
  const figures: Figure[] = [];
  for (const count of SITES) figures.push(...(await measureSize(count, scope)));
  return { rounds: SAMPLES, sizes: { sites: SITES }, figures, ratios: [] };
}

if (import.meta.main) {
  await runBench({
    name: 'build',
    title: 'Building and rendering',
    about:
      'The controller builds nginx.conf and live data from a Snapshot, without NGINX. Every host has two paths, and every ' +
      'other host a certificate. CPU is the time of the main thread, which also handles endpoint changes; the work is cut into ' +
      "slices as in the controller's loop.",
    minutes: 10,
    measure,
  });
}
