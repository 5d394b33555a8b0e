/** Metrics about NGINX's workers and the dictionary of live data, which are read on each scrape. */
import type { Registry } from 'prom-client';
import type { WorkerCounts } from '../types/nginx.ts';
import { metricMakers } from './metric-makers.ts';

export interface WorkerMetrics {
  /** Undefined if NGINX does not answer: then there are no values. */
  readonly set: (counts: WorkerCounts | undefined) => void;
  /** The number of endpoints that a worker leaves out; undefined if NGINX does not answer. */
  readonly setLeftOut: (endpoints: number | undefined) => void;
}

/** `own` are the labels of every series. */
export function createWorkerMetrics(registers: Registry[], own: Readonly<Record<string, string>>): WorkerMetrics {
  const { gauge, counter } = metricMakers(registers, own);
  const draining = gauge(
    'tidegate_draining_workers',
    'Workers of earlier configurations that are finishing their connections',
  );
  const generations = gauge('tidegate_draining_generations', 'Earlier configurations that still have draining workers');
  const capacity = gauge('tidegate_live_data_capacity_bytes', 'Size of the dictionary of live data in NGINX');
  const used = gauge(
    'tidegate_live_data_used_bytes',
    'Used bytes of the dictionary of live data in NGINX, in whole pages',
  );
  const closedEarly = counter(
    'tidegate_connections_closed_early_total',
    'Connections closed since the start of NGINX because more workers than --max-draining-workers were draining',
  );
  const leftOut = gauge(
    'tidegate_left_out_endpoints',
    'Endpoints that one of the workers, whichever answers, leaves out at present, because requests to them failed',
  );

  return {
    setLeftOut: (endpoints) => {
      if (endpoints === undefined) leftOut.reset();
      else leftOut.set(own, endpoints);
    },
    set: (counts) => {
      closedEarly.reset();
      if (counts === undefined) {
        for (const metric of [draining, generations, capacity, used]) metric.reset();
        return;
      }
      draining.set(own, counts.draining);
      generations.set(own, counts.drainingGenerations);
      closedEarly.inc(own, counts.closedEarly);
      capacity.set(own, counts.live.capacity);
      used.set(own, counts.live.capacity - counts.live.free);
    },
  };
}
