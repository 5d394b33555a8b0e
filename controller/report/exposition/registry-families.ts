/** The metrics of a registry of prom-client as families. */
import type { Registry } from 'prom-client';
import { type MetricFamily, type Sample, simpleFamily } from './family.ts';
import { labelText } from './label-text.ts';

type Labels = Readonly<Record<string, string | number | undefined>>;

/** A sample as prom-client has it. The samples of a histogram are its buckets (with the label `le`), sum and count. */
interface RegistrySample {
  readonly value: number;
  readonly labels: Labels;
  readonly metricName?: string;
}

interface RegistryMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly RegistrySample[];
}

/** Summaries, which no metric of the controller is, are left out. */
export async function registryFamilies(registry: Registry): Promise<readonly MetricFamily[]> {
  const metrics = (await registry.getMetricsAsJSON()) as unknown as readonly RegistryMetric[];
  return metrics.flatMap((metric) => {
    const { name, help, type, values } = metric;
    if (type === 'histogram') return [histogramFamily(metric)];
    if (type !== 'counter' && type !== 'gauge') return [];
    const samples = values.map(({ labels, value }) => ({ labels: textOf(labels), value }));
    return [simpleFamily(name, help, type, () => samples)];
  });
}

function histogramFamily({ name, help, values }: RegistryMetric): MetricFamily {
  const sums = new Map<string, number>();
  const cumulative = new Map<string, number[]>();
  const bounds = new Set<number>();
  for (const {
    metricName,
    labels: { le, ...labels },
    value,
  } of values) {
    const text = textOf(labels);
    if (metricName === `${name}_sum`) sums.set(text, value);
    if (metricName !== `${name}_bucket`) continue;
    const bound = le === '+Inf' ? Infinity : Number(le);
    if (bound !== Infinity) bounds.add(bound);
    cumulative.set(text, [...(cumulative.get(text) ?? []), value]);
  }
  const samples = [...cumulative].map(([labels, counts]): Sample => {
    const differences = counts.map((count, index) => count - (counts[index - 1] ?? 0));
    return { labels, value: { sum: sums.get(labels) ?? 0, counts: differences, native: undefined } };
  });
  return { name, about: help, type: 'histogram', bounds: [...bounds], samples: () => samples };
}

function textOf(labels: Labels): string {
  return labelText(
    Object.entries(labels).flatMap(([name, value]) => (value === undefined ? [] : [[name, `${value}`] as const])),
  );
}
