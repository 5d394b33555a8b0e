/** `npm run bench tail`: latency of the slowest requests at half load, while endpoints change. */
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { requireCapabilities } from './capabilities.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { CLIENT_CORE } from './cores.ts';
import { startPinned, writeRunDirectories } from './disk.ts';
import { startOnClientCore } from './nginx.ts';
import type { Run } from './open-loop.ts';
import type { Figure, Measured } from './result.ts';
import { interleave } from './rounds.ts';
import { createDeltaWriter, siteFiles, siteHost } from './sites.ts';
import type { DeltaWriter } from './sites.ts';
import { size } from './sizes.ts';
import { median } from './statistics.ts';
import { runWrk } from './wrk.ts';

const BACKENDS = size('SITES', 5000);
const ROUNDS = size('ROUNDS', 5);
const SECONDS = size('SECONDS', 5);
/** Requests a second; 0 means half of the maximum that NGINX without Lua handles. */
const RATE = size('RATE', 0, 0);
const DELTAS_A_SECOND = 10;
const CONNECTIONS = 128;
const CLIENT = fileURLToPath(new URL('open-loop.ts', import.meta.url));

async function runOpenLoop(httpPort: number, rate: number): Promise<Run> {
  const given = [httpPort, siteHost(0), rate, SECONDS, CONNECTIONS].map(String);
  const args = ['-c', CLIENT_CORE, process.execPath, CLIENT, ...given];
  const { stdout } = await execa('taskset', args, { timeout: (SECONDS + 20) * 1000 });
  return JSON.parse(stdout) as Run;
}

/**
 * Sends deltas until `run` is finished. Every second delta changes the weight of the requested backend; the others
 * change other backends.
 */
async function withDeltas(run: Promise<Run>, writer: DeltaWriter, port: number): Promise<Run> {
  const over = new AbortController();
  const ended = run.finally(() => over.abort());
  let weight = 1;
  const writing = (async () => {
    for (let i = 0; !over.signal.aborted; i += 1) {
      const site = i % 2 === 0 ? 0 : i % BACKENDS;
      await writer.setBackend(site, [['127.0.0.1', port, (weight += 1)]]);
      await sleep(1000 / DELTAS_A_SECOND);
    }
  })();
  const [result] = await Promise.all([ended, writing]);
  return result;
}

async function highest(httpPort: number): Promise<number> {
  const url = `http://127.0.0.1:${httpPort}/`;
  const { perSecond, refused } = await runWrk({ url, host: siteHost(0), seconds: 2 });
  if (refused > 0) throw new Error(`${refused} answers of status 400 and above`);
  return perSecond;
}

async function measure(scope: Scope): Promise<Measured> {
  const capabilities = await requireCapabilities();
  const backend = await startOnClientCore(scope);
  const files = siteFiles(BACKENDS, '127.0.0.1', backend.port, { 'worker-processes': '1' });
  const { ours, plain } = await writeRunDirectories(scope, files, capabilities, `127.0.0.1:${backend.port}`);
  for (const directory of [ours, plain]) await startPinned(scope, directory);
  const writer = await createDeltaWriter(ours.path);
  await highest(ours.httpPort);
  const rate = RATE > 0 ? RATE : Math.floor((await highest(plain.httpPort)) / 2);
  scope.say(`${rate} requests/s`);
  const rounds = await interleave<Run>(ROUNDS, {
    Tidegate: async () => runOpenLoop(ours.httpPort, rate),
    'Tidegate, 10 deltas/s': async () => withDeltas(runOpenLoop(ours.httpPort, rate), writer, backend.port),
    'without Lua': async () => runOpenLoop(plain.httpPort, rate),
  });
  const of = (name: string, key: keyof Run) => median((rounds[name] ?? []).map((run) => run[key]));
  const columns = ['p50 ms', 'p99 ms', 'p99.9 ms', 'client late, p99 ms', 'lost'] as const;
  const figures = Object.keys(rounds).map((subject): Figure => {
    return { subject, values: Object.fromEntries(columns.map((key) => [key, of(subject, key)])) };
  });
  const p99 = (name: string) => of(name, 'p99 ms');
  return {
    rounds: ROUNDS,
    sizes: { backends: BACKENDS, seconds: SECONDS, 'requests a second': rate, connections: CONNECTIONS },
    figures,
    ratios: [
      {
        what: 'p99: Tidegate with deltas / without Lua',
        value: p99('Tidegate, 10 deltas/s') / p99('without Lua'),
        aim: 'at most 1.10',
      },
      { what: 'p99: Tidegate / without Lua', value: p99('Tidegate') / p99('without Lua') },
    ],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'tail',
    title: 'The slowest requests',
    about:
      'An open loop (bench/open-loop.ts) sends requests on a fixed schedule, and measures from the time at which a request was ' +
      'due. The rate is ' +
      `${RATE === 0 ? 'half of what the same configuration without Lua handles under wrk' : `${RATE} requests a second`}. ` +
      'NGINX has one worker on a core of its own; client, backend and the writer of the deltas run on the other core. Figures ' +
      'are medians of the rounds.',
    minutes: 20,
    measure,
  });
}
