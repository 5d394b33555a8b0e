/** Metrics about the request metrics themselves: how many series there are, and what was left out. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { RequestMetrics } from './request-metrics/request-metrics.ts';

/** `own` are the labels of every series. */
export function createSeriesMetrics(
  registers: Registry[],
  own: Readonly<Record<string, string>>,
  requests: RequestMetrics,
): void {
  const labelNames = Object.keys(own);
  const size = new Gauge({
    name: 'tidegate_request_series',
    help: 'Time series of request metrics; --metrics-max-series limits them',
    registers,
    labelNames,
    collect: () => {
      size.set(own, requests.size());
    },
  });
  const folded = new Counter({
    name: 'tidegate_requests_folded_total',
    help: 'Requests counted without their exact labels because there were too many series, by the limit that was reached',
    registers,
    labelNames: [...labelNames, 'limit'],
    collect: () => {
      folded.reset();
      for (const [limit, count] of Object.entries(requests.folded())) folded.inc({ ...own, limit }, count);
    },
  });
  const refused = new Counter({
    name: 'tidegate_request_counts_refused_total',
    help: 'Lines of counts from NGINX that were ignored because they are invalid or were counted with other buckets',
    registers,
    labelNames,
    collect: () => {
      refused.reset();
      refused.inc(own, requests.refused());
    },
  });
}
