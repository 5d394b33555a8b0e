/** Metrics about the objects of the cluster: Problems, and Ingresses whose Services are missing. */
import { Gauge, type Registry } from 'prom-client';
import type { Problem } from '../types/problem.ts';
import { METRIC_PREFIX } from '../types/request-metrics.ts';

export interface ObjectMetrics {
  readonly problems: (problems: readonly Problem[]) => void;
}

/** Codes of Problems of an Ingress, and the value of the label `type` of orphan_ingress. */
const ORPHANS: Readonly<Record<string, string>> = {
  'missing-service': 'no-service',
  'missing-port': 'no-endpoint',
  'no-endpoints': 'no-endpoint',
};

/** `own` are the labels of every series. */
export function createObjectMetrics(registers: Registry[], own: Readonly<Record<string, string>>): ObjectMetrics {
  const labels = Object.keys(own);
  const current = new Gauge({
    name: 'tidegate_problems',
    help: 'Current Problems by severity and code',
    registers,
    labelNames: [...labels, 'severity', 'code'],
  });
  const orphans = new Gauge({
    name: `${METRIC_PREFIX}orphan_ingress`,
    help: '1 if a path of the Ingress has no Service, or no ready endpoints',
    registers,
    labelNames: [...labels, 'namespace', 'ingress', 'type'],
  });
  /** Severity and code of all Problems so far: a series that has existed goes to 0 instead of disappearing. */
  const seen = new Set<string>();

  return {
    problems: (all) => {
      const counts = Map.groupBy(all, ({ severity, code }) => `${severity} ${code}`);
      for (const key of counts.keys()) seen.add(key);
      for (const key of seen) {
        const [severity = '', code = ''] = key.split(' ');
        current.set({ ...own, severity, code }, counts.get(key)?.length ?? 0);
      }
      orphans.reset();
      for (const { code, effect, object } of all) {
        const type = ORPHANS[code];
        if (type === undefined || effect !== 'no-endpoints' || object?.kind !== 'Ingress') continue;
        orphans.set({ ...own, namespace: object.namespace, ingress: object.name, type }, 1);
      }
    },
  };
}
