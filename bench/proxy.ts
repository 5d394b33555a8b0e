/**
 * What a proxied request costs: CPU of the worker per request, and requests a second, of Tidegate's NGINX and of the
 * same binary with a static upstream that sends the same headers and writes the same log. Rounds are interleaved, so
 * that both see the same machine. One worker each on core 0; wrk and the backend on the last core.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { hostOf, ingressOf, podsOf } from '../e2e/behaviour/site.ts';
import { startInstance } from '../e2e/runner/instance.ts';
import { masterOf, workersOf } from '../e2e/runner/processes.ts';
import { backendConf, startPlain, staticConf } from './nginx.ts';
import type { PlainNginx } from './nginx.ts';
import { quantile } from './statistics.ts';

const ROUNDS = Math.max(5, Number(process.env.TIDEGATE_BENCH_ROUNDS ?? 7));
const SECONDS = Number(process.env.TIDEGATE_BENCH_SECONDS ?? 3);

interface Round {
  /** Microseconds of worker CPU per request. */
  readonly cpu: number;
  readonly perSecond: number;
  /** Share of the time that the worker was on its core. */
  readonly busy: number;
}

interface Subject {
  readonly name: string;
  readonly port: number;
  readonly worker: number;
  readonly rounds: Round[];
}

const LAST_CORE = String(cpus().length - 1);

async function pin(pid: number, core: string): Promise<void> {
  await execa('taskset', ['-cp', core, String(pid)]);
}

/** Nanoseconds on a core so far. */
function cpuOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
}

async function run(subject: Subject, seconds: number): Promise<Round> {
  const url = `http://127.0.0.1:${subject.port}/`;
  const args = ['-c', LAST_CORE, 'wrk', '-t1', '-c64', `-d${seconds}s`, '-H', `Host: ${hostOf('bench')}`, url];
  const before = cpuOf(subject.worker);
  const { stdout } = await execa('taskset', args);
  const used = cpuOf(subject.worker) - before;
  const [, requests = '0', time = '1'] = /(\d+) requests in ([\d.]+)s/.exec(stdout) ?? [];
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${subject.name} lost requests:\n${stdout}`);
  const count = Number(requests);
  return { cpu: used / 1000 / count, perSecond: count / Number(time), busy: used / 1e9 / Number(time) };
}

function print(subjects: readonly Subject[]): void {
  const [ours, base] = subjects.map(({ rounds }) => rounds);
  if (ours === undefined || base === undefined) return;
  for (const { name, rounds } of subjects) {
    const cpu = rounds.map((round) => round.cpu);
    const perSecond = rounds.map((round) => round.perSecond);
    const busy = quantile(
      rounds.map((round) => round.busy),
      0.5,
    );
    process.stdout.write(
      `${name}: CPU per request median ${quantile(cpu, 0.5).toFixed(2)} µs, min ${Math.min(...cpu).toFixed(2)} µs; ` +
        `requests/s median ${Math.round(quantile(perSecond, 0.5))}, best ${Math.round(Math.max(...perSecond))}; ` +
        `worker busy ${Math.round(busy * 100)} %\n`,
    );
  }
  const paired = ours.map((round, i) => round.cpu / (base[i]?.cpu ?? Number.NaN));
  const medians =
    quantile(
      ours.map(({ cpu }) => cpu),
      0.5,
    ) /
    quantile(
      base.map(({ cpu }) => cpu),
      0.5,
    );
  const minima = Math.min(...ours.map(({ cpu }) => cpu)) / Math.min(...base.map(({ cpu }) => cpu));
  const ratios = [medians, quantile(paired, 0.5), minima].map((ratio) => ratio.toFixed(3));
  process.stdout.write(
    `CPU, Tidegate / static: of medians ${ratios[0]}, median of pairs ${ratios[1]}, of minima ${ratios[2]}\n`,
  );
}

async function main(): Promise<void> {
  const plain: PlainNginx[] = [];
  const backend = await startPlain((port) => backendConf(port));
  plain.push(backend);
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' };
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'worker-processes': '1' } };
  const instance = await startInstance({
    'all.yaml': [settings, ingressOf('bench'), ...podsOf('bench', ['127.0.0.1'], backend.port)],
  });
  try {
    const conf = readFileSync(`${instance.runDir}/conf/nginx.conf`, 'utf8');
    const logFormat = /^\s*log_format upstreaminfo[^;]*;/m.exec(conf)?.[0] ?? '';
    const base = await startPlain((port, folder) => staticConf(port, backend.port, logFormat, folder));
    plain.push(base);
    const worker = workersOf(masterOf(instance.runDir)?.pid ?? 0)[0]?.pid ?? 0;
    const subjects: Subject[] = [
      { name: 'Tidegate', port: instance.httpPort, worker, rounds: [] },
      { name: 'static upstream', port: base.port, worker: base.worker, rounds: [] },
    ];
    await pin(backend.worker, LAST_CORE);
    for (const subject of subjects) {
      await pin(subject.worker, '0');
      await run(subject, 1);
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const subject of subjects) subject.rounds.push(await run(subject, SECONDS));
    }
    print(subjects);
  } finally {
    await instance.dispose();
    for (const nginx of plain) await nginx.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
