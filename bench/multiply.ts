/**
 * `npm run bench multiply`: bytes of output per byte of input, if an Ingress has a long list in an annotation and many
 * paths.
 */
import { createBuild } from '../controller/app/build.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../controller/golden/build-fixed.ts';
import { longAnnotations, site, writtenBytes } from '../controller/golden/multiply/site.ts';
import { createRender } from '../controller/render/render.ts';
import type { Snapshot } from '../controller/types/snapshot.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import type { Figure, Measured, Ratio } from './result.ts';
import { size } from './sizes.ts';

const PATHS = size('PATHS', 100);
const BYTES = size('BYTES', 4096);
const STEPS = [1, 2, 4];

const OVERRIDES = { quarantine: new Map(), resolvedNames: new Map(), defaultSettingsOnly: false };

interface Run {
  readonly bytesIn: number;
  readonly conf: number;
  readonly live: number;
  readonly cpu: number;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function run(snapshot: Snapshot): Run {
  const build = createBuild(MODEL_OPTIONS, () => createRender(TEMPLATES, RENDER_OPTIONS));
  const before = cpuMs();
  const { artifact } = build(snapshot, OVERRIDES);
  const cpu = cpuMs() - before;
  const live = [...artifact.live].reduce((sum, [key, text]) => sum + key.length + text.length, 0);
  return { bytesIn: writtenBytes(snapshot), conf: artifact.conf.length, live, cpu };
}

const NONE = 'no annotation';

/** For each of STEPS, every annotation with a value. The value's length and the number of paths grow with the step. */
const VALUES = STEPS.map(
  (step) => new Map<string, Readonly<Record<string, string>>>([[NONE, {}], ...longAnnotations(BYTES * step)]),
);

function runsOf(name: string): readonly Run[] {
  return STEPS.map((step, index) => run(site(VALUES[index]?.get(name) ?? {}, PATHS * step, { bytes: BYTES * step })));
}

function perByte(runs: readonly Run[], what: 'conf' | 'live' | 'cpu'): readonly number[] {
  return runs.map((each) => each[what] / (what === 'cpu' ? each.bytesIn / 1024 : each.bytesIn));
}

async function measure(scope: Scope): Promise<Measured> {
  run(site({}, 50));
  const figures: Figure[] = [];
  const ratios: Ratio[] = [];
  for (const [name, annotations] of VALUES[0] ?? []) {
    // Skips annotations that are not lists, because their length is limited.
    if (name !== NONE && (annotations[name]?.length ?? 0) < BYTES / 4) continue;
    scope.say(name);
    const runs = runsOf(name);
    const [conf, live, cpu] = [perByte(runs, 'conf'), perByte(runs, 'live'), perByte(runs, 'cpu')];
    const values = Object.fromEntries(
      STEPS.flatMap((step, index) => [
        [`conf ${step}N`, conf[index] ?? Number.NaN],
        [`live ${step}N`, live[index] ?? Number.NaN],
        [`CPU ms/KiB ${step}N`, cpu[index] ?? Number.NaN],
      ]),
    );
    figures.push({ subject: name, values });
    const growth = (list: readonly number[]) => (list.at(-1) ?? Number.NaN) / (list[0] ?? Number.NaN);
    const bytes = growth(runs.map((each) => (each.conf + each.live) / each.bytesIn));
    ratios.push({ what: `${name}: bytes out per byte in, 4N / N`, value: bytes, aim: 'about 1' });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { rounds: 1, sizes: { paths: [PATHS], bytes: [BYTES] }, figures, ratios };
}

if (import.meta.main) {
  await runBench({
    name: 'multiply',
    title: 'What a list costs on many paths',
    about:
      'One Ingress has a long value of one annotation, and many paths; N is the length and the number of paths, which are ' +
      'doubled (2N) and doubled again (4N). Figures are bytes of nginx.conf and of live data, and CPU, per byte of the ' +
      'objects. NGINX does not run.',
    minutes: 10,
    measure,
  });
}
