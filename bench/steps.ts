/** `npm run bench steps`: how long a build blocks the event loop, for several objects that one tenant may write. */
import { createBuild } from '../controller/app/build.ts';
import type { Build } from '../controller/app/build.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../controller/golden/build-fixed.ts';
import { createRender } from '../controller/render/render.ts';
import type { Snapshot } from '../controller/types/snapshot.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import type { Figure, Measured } from './result.ts';
import { size } from './sizes.ts';
import { quantile } from './statistics.ts';
import { WORLDS } from './steps-worlds.ts';

const ROUNDS = size('ROUNDS', 7);
const OVERRIDES = { quarantine: new Map(), resolvedNames: new Map() };
const LONG_MS = 5;

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Runs a build from scratch; returns the CPU time of each step, in ms. */
function stepsOf(build: Build, snapshot: Snapshot): readonly number[] {
  const steps = build.steps(snapshot, OVERRIDES);
  const taken: number[] = [];
  for (;;) {
    const began = cpuMs();
    const { done } = steps.next();
    taken.push(cpuMs() - began);
    if (done === true) return taken;
  }
}

async function measure(scope: Scope): Promise<Measured> {
  const render = createRender(TEMPLATES, RENDER_OPTIONS);
  const fresh = (): Build => createBuild(MODEL_OPTIONS, () => render);
  // The first builds of a process compile the code that they run.
  for (const make of Object.values(WORLDS)) stepsOf(fresh(), make());
  const figures: Figure[] = [];
  for (const [subject, make] of Object.entries(WORLDS)) {
    scope.say(subject);
    const rounds = Array.from({ length: ROUNDS }, () => stepsOf(fresh(), make()));
    const longest = rounds.map((steps) => Math.max(...steps));
    const p50 = (values: readonly number[]): number => quantile(values, 0.5);
    figures.push({
      subject,
      values: {
        'longest step p50 ms': p50(longest),
        'longest step min ms': Math.min(...longest),
        [`steps over ${LONG_MS} ms p50`]: p50(rounds.map((steps) => steps.filter((ms) => ms > LONG_MS).length)),
        'whole build p50 ms': p50(rounds.map((steps) => steps.reduce((sum, ms) => sum + ms, 0))),
      },
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { rounds: ROUNDS, sizes: {}, figures, ratios: [] };
}

if (import.meta.main)
  await runBench({
    name: 'steps',
    title: 'How long objects of one tenant block the controller',
    about:
      'Builds and renders each cluster from scratch, without NGINX, in a process that has built all of them before. A step is ' +
      "the work between two pauses; endpoint changes can be sent in each pause. Figures are the thread's CPU time. Garbage " +
      'collection counts for the step in which it happens.',
    minutes: 10,
    measure,
  });
