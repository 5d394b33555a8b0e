/** Runs a Prometheus server that scrapes a pod's controller. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { z } from 'zod';
import { until } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/prometheus.sh', import.meta.url));

const ANSWER = z.object({
  status: z.string(),
  error: z.string().optional(),
  data: z
    .object({
      result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
    })
    .optional(),
});

export type Result = readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];

export interface Prometheus {
  /** The samples that a query returns at present. Throws if the query is invalid. */
  query(text: string): Promise<Result>;
  stop(): Promise<void>;
}

/** The path of the program, or undefined if scripts/prometheus.sh has not found it; the reason is then printed. */
export function findPrometheus(): string | undefined {
  const { status, stdout, stderr } = spawnSync('sh', [SCRIPT, '--find'], { encoding: 'utf8', timeout: 10_000 });
  if (status === 0) return stdout.trim();
  console.error(`NOT RUN: tests with a Prometheus server\n${stderr.trim()}`);
  return undefined;
}

/**
 * Starts Prometheus and waits until it has scraped the port for the first time. Its target has the label `namespace`,
 * like targets that Prometheus finds in a cluster; with `honorLabels`, the labels of metrics take precedence.
 * `features`: what --enable-feature enables.
 */
export async function startPrometheus(
  binary: string,
  target: number,
  honorLabels: boolean,
  features: readonly string[] = [],
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-prometheus-'));
  const port = await freePort();
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      {
        job_name: 'tidegate',
        honor_labels: honorLabels,
        static_configs: [{ targets: [`127.0.0.1:${target}`], labels: { namespace: 'ingress-nginx' } }],
      },
    ],
  };
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  const child = spawn(
    binary,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
      ...(features.length > 0 ? [`--enable-feature=${features.join(',')}`] : []),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const gone = once(child, 'exit');

  async function query(text: string): Promise<Result> {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(text)}`);
    const { error, data } = ANSWER.parse(await response.json());
    if (data === undefined) throw new Error(`${text}: ${error}`);
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    await until('Prometheus has scraped', async () => (await query('up == 1').catch(() => [])).length > 0, 30_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { query, stop };
}
