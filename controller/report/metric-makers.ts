/** Creates metrics that have the labels of this controller. */
import { Counter, Gauge, type Registry } from 'prom-client';

export interface MetricMakers {
  /** `labels` are those that the metric has besides the labels of this controller. */
  readonly gauge: (name: string, help: string, labels?: readonly string[]) => Gauge;
  readonly counter: (name: string, help: string, labels?: readonly string[]) => Counter;
}

/** `own`: the labels of every series. */
export function metricMakers(registers: Registry[], own: Readonly<Record<string, string>>): MetricMakers {
  const described = (name: string, help: string, labels: readonly string[]) => ({
    name,
    help,
    registers,
    labelNames: [...Object.keys(own), ...labels],
  });
  return {
    gauge: (name, help, labels = []) => new Gauge(described(name, help, labels)),
    counter: (name, help, labels = []) => new Counter(described(name, help, labels)),
  };
}
