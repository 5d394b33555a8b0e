/** `npm run bench regex`: checks random regular expressions as the model does, and matches accepted ones with PCRE. */
import { runBench, type Scope } from './bench.ts';
import { startPcre } from './regex/pcre.ts';
import { type Trial, tryRandom, type Worst } from './regex/trial.ts';
import type { Figure, Measured } from './result.ts';
import { size } from './sizes.ts';

const PATTERNS = size('PATTERNS', 1_000_000);
const SEARCHED = size('SEARCHED', 2, 0);
const TEXTS = size('TEXTS', 12);
const SEED = size('SEED', 1);
/** Milliseconds of CPU that a match of an accepted pattern should not exceed. */
const SLOW = 10;

function worst(what: string, { ms, pattern, text }: Worst): string {
  const told = text === undefined ? '' : `, for ${JSON.stringify(text)}`;
  return `${what}: ${ms.toFixed(2)} ms, by ${JSON.stringify(pattern)}${told}`;
}

function figuresOf(trial: Trial): Figure[] {
  const { paths, searches, limited, searched, verdict, verdicts, conf, lua, refused, slow } = trial;
  return [
    { subject: 'accepted', values: { paths, searches, 'with a limit': limited } },
    {
      subject: 'one verdict',
      values: { 'mean CPU µs': (verdicts * 1000) / trial.patterns, 'most CPU ms': verdict.ms },
    },
    { subject: 'accepted, but rejected by PCRE2, ngx.re or nginx -t', values: { patterns: refused.length } },
    { subject: `accepted, but slower than ${SLOW} ms on 8 KiB`, values: { patterns: slow.length, searched } },
    { subject: 'the worst match on 8 KiB', values: { 'in a location, CPU ms': conf.ms, 'ngx.re, CPU ms': lua.ms } },
  ];
}

async function measure(scope: Scope): Promise<Measured> {
  const pcre = await startPcre();
  scope.defer(async () => pcre.stop());
  const asked = { patterns: PATTERNS, searched: SEARCHED, texts: TEXTS, slow: SLOW };
  const trial = await tryRandom(pcre, SEED, asked, (what) => scope.say(what));
  return {
    rounds: 1,
    sizes: { patterns: PATTERNS, 'searched in a hundred': SEARCHED, texts: TEXTS, seed: SEED },
    figures: figuresOf(trial),
    ratios: [],
    notes: [
      worst('The longest verdict', trial.verdict),
      worst('The worst location', trial.conf),
      worst('The worst for ngx.re', trial.lua),
      ...trial.refused.slice(0, 20),
      ...trial.slow.slice(0, 20),
    ],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'regex',
    title: 'Regular expressions of tenants',
    about:
      'The patterns are random, over all syntax of PCRE, and contain shapes that are known to be slow. A verdict is ' +
      'measured by the CPU time of this process. PCRE2, ngx.re and nginx -t compile the accepted patterns, and a ' +
      'share of them is matched with strings that repeat what their loops match.',
    minutes: 60,
    measure,
  });
}
