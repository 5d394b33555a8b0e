/** Reads /metrics of a pod's controller. */
import { get } from './pod.ts';
import type { Pod } from './pod.ts';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Scrape {
  readonly text: string;
  readonly samples: readonly Sample[];
  /** The samples with this name and these labels (others may have any value). */
  readonly select: (name: string, labels?: Readonly<Record<string, string>>) => readonly Sample[];
  /** The sum of the values of `select`. */
  readonly sum: (name: string, labels?: Readonly<Record<string, string>>) => number;
}

export const PREFIX = 'nginx_ingress_controller_';

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/g;

function sampleOf(line: string): Sample {
  const match = LINE.exec(line);
  if (match === null) throw new Error(`not a sample: ${line}`);
  const [, name = '', labels = '', value = ''] = match;
  const pairs = [...labels.matchAll(LABEL)].map(([, label = '', text = '']) => [label, text] as const);
  return { name, labels: Object.fromEntries(pairs), value: Number(value.replace('+Inf', 'Infinity')) };
}

export async function scrape(pod: Pod): Promise<Scrape> {
  const { status, text } = await get(pod.healthzPort, '/metrics');
  if (status !== 200) throw new Error(`/metrics: ${status} ${text}`);
  const samples = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(sampleOf);
  const select = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    samples.filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
  return {
    text,
    samples,
    select,
    sum: (name, labels) => select(name, labels).reduce((sum, { value }) => sum + value, 0),
  };
}
