/** `npm run bench stall`: how much CPU time one delta costs a worker, for several numbers of backends. */
import { requestOnce } from '../e2e/client/connection.ts';
import { request } from 'node:http';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { cpuOf } from './cores.ts';
import { backendConf, startPlain } from './nginx.ts';
import type { Figure, Measured } from './result.ts';
import { interleave } from './rounds.ts';
import { createDeltaWriter, nginxOf, siteFiles, siteHost, startSites, untilCalm } from './sites.ts';
import type { DeltaWriter } from './sites.ts';
import { size, sizes } from './sizes.ts';
import { median } from './statistics.ts';

const BACKENDS = sizes('SITES', [30, 5000]);
const DELTAS = size('SAMPLES', 500);
const ROUNDS = size('ROUNDS', 5);

/** Microseconds of CPU that all these processes together use per call, for `count` calls. */
async function cpuOfEach(pids: readonly number[], count: number, call: (i: number) => Promise<void>): Promise<number> {
  const used = () => pids.reduce((sum, pid) => sum + cpuOf(pid), 0);
  const before = used();
  for (let i = 0; i < count; i += 1) await call(i);
  return (used() - before) / 1000 / count;
}

/** Sends a POST as long as a delta to an NGINX that responds with a fixed text: the cost of HTTP alone. */
async function post(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const sent = request({ host: '127.0.0.1', port, method: 'POST', agent: false, timeout: 5000 }, (response) => {
    response
      .resume()
      .on('end', () => resolve(undefined))
      .on('error', reject);
  });
  sent.on('error', reject).on('timeout', () => sent.destroy(new Error('no answer within 5 s')));
  sent.end('x'.repeat(150));
  await promise;
}

async function ask(port: number, host: string): Promise<void> {
  const exchange = await requestOnce({ port, host, path: '/' }, 5000);
  const status = exchange.kind === 'answer' ? exchange.answer.status : 0;
  if (status !== 200) throw new Error(`${host}: ${exchange.kind} ${status}`);
}

interface Site {
  readonly workers: readonly number[];
  readonly httpPort: number;
  readonly writer: DeltaWriter;
}

/** Starts NGINX with this many backends and one worker, and ends its controller. */
async function start(scope: Scope, count: number, port: number): Promise<Site> {
  scope.say(`${count} backends`);
  const instance = await startSites(scope, siteFiles(count, '127.0.0.1', port, { 'worker-processes': '1' }));
  await untilCalm(instance.runDir);
  await instance.end('SIGKILL');
  const { workers } = nginxOf(instance.runDir);
  return { workers, httpPort: instance.httpPort, writer: await createDeltaWriter(instance.runDir) };
}

async function measure(scope: Scope): Promise<Measured> {
  const backend = await startPlain((port) => backendConf(port));
  scope.defer(async () => backend.stop());
  const subjects: Record<string, () => Promise<number>> = {
    'without Lua: a POST': async () => cpuOfEach([backend.worker], DELTAS, async () => post(backend.port)),
  };
  for (const count of BACKENDS) {
    const { workers, httpPort, writer } = await start(scope, count, backend.port);
    // The weight differs each time, because an equal value would not be a change.
    let weight = 1;
    const change = async (site: number) => writer.setBackend(site, [['127.0.0.1', backend.port, (weight += 1)]]);
    subjects[`${count} backends: a delta`] = async () => cpuOfEach(workers, DELTAS, async (i) => change(i % count));
    subjects[`${count} backends: a request`] = async () =>
      cpuOfEach(workers, DELTAS, async (i) => ask(httpPort, siteHost(i % count)));
    subjects[`${count} backends: a delta and a request for what it changed`] = async () =>
      cpuOfEach(workers, DELTAS, async (i) => {
        await change(i % count);
        await ask(httpPort, siteHost(i % count));
      });
  }
  const rounds = await interleave(ROUNDS, subjects);
  const cpu = (subject: string) => median(rounds[subject] ?? []);
  const figures = Object.keys(subjects).map((subject): Figure => {
    return { subject, values: { 'CPU µs': cpu(subject), 'least µs': Math.min(...(rounds[subject] ?? [])) } };
  });
  const [least, most] = [Math.min(...BACKENDS), Math.max(...BACKENDS)];
  const whole = (count: number) =>
    cpu(`${count} backends: a delta and a request for what it changed`) - cpu(`${count} backends: a request`);
  return {
    rounds: ROUNDS,
    sizes: { backends: BACKENDS, deltas: DELTAS },
    figures: [
      ...figures,
      ...BACKENDS.map((count): Figure => {
        return { subject: `${count} backends: a delta including its first use`, values: { 'CPU µs': whole(count) } };
      }),
    ],
    ratios: [
      {
        what: `${most} backends: a delta / a POST without Lua`,
        value: cpu(`${most} backends: a delta`) / cpu('without Lua: a POST'),
      },
      { what: `a delta: ${most} / ${least} backends`, value: whole(most) / whole(least), aim: 'at most 1.05' },
    ],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'stall',
    title: 'What a delta costs a worker',
    about:
      'CPU of one worker (/proc/PID/schedstat) for a number of deltas, each of which changes one backend, without other ' +
      'traffic; then for deltas that are each followed by a request for the host that the delta changed, minus the CPU of such ' +
      'requests without a change. Every call uses a new connection. Figures are medians.',
    minutes: 20,
    measure,
  });
}
