/** Metrics about NGINX's connections and processes, which are read on each scrape. */
import type { Counter, Gauge, Registry } from 'prom-client';
import { type ConnectionCounts, METRIC_PREFIX, type ProcessFigures } from '../types/request-metrics.ts';
import { metricMakers } from './metric-makers.ts';

type Labels = Readonly<Record<string, string>>;

export interface ProcessMetrics {
  readonly set: (connections: ConnectionCounts | undefined, processes: ProcessFigures | undefined) => void;
}

const STATES = ['active', 'reading', 'writing', 'waiting'] as const;
const TOTALS = ['accepted', 'handled'] as const;

/** `own` are the labels of every series. */
export function createProcessMetrics(registers: Registry[], own: Labels): ProcessMetrics {
  const makers = metricMakers(registers, own);
  const gauge: typeof makers.gauge = (name, ...rest) => makers.gauge(`${METRIC_PREFIX}nginx_process_${name}`, ...rest);
  const counter: typeof makers.counter = (name, ...rest) =>
    makers.counter(`${METRIC_PREFIX}nginx_process_${name}`, ...rest);

  const current = gauge('connections', 'Current connections by state', ['state']);
  const total = counter('connections_total', 'Connections since the start of NGINX', ['state']);
  const requests = counter('requests_total', 'Requests since the start of NGINX, including those of the controller');
  const count = gauge('num_procs', 'Processes of NGINX');
  const cpu = counter('cpu_seconds_total', 'CPU time of NGINX in user and system mode');
  const resident = gauge('resident_memory_bytes', 'Resident memory of all processes of NGINX');
  const virtual = gauge('virtual_memory_bytes', 'Virtual memory of all processes of NGINX');
  const read = counter('read_bytes_total', 'Bytes that NGINX has read from storage');
  const written = counter('write_bytes_total', 'Bytes that NGINX has written to storage');
  const oldest = gauge('oldest_start_time_seconds', 'Unix time at which the oldest process of NGINX was started');

  function setConnections(counts: ConnectionCounts | undefined): void {
    for (const metric of [current, total, requests]) metric.reset();
    if (counts === undefined) return requests.remove(own);
    for (const state of STATES) current.set({ ...own, state }, counts[state]);
    for (const state of TOTALS) total.inc({ ...own, state }, counts[state]);
    requests.inc(own, counts.requests);
  }

  /** Sets a metric; removes its series if the value is unknown. */
  function assign(metric: Gauge | Counter, value: number | undefined): void {
    metric.reset();
    if (value !== undefined) metric.inc(own, value);
    else metric.remove(own);
  }

  function setProcesses(figures: ProcessFigures | undefined): void {
    assign(count, figures?.processes);
    assign(cpu, figures?.cpuSeconds);
    assign(resident, figures?.residentBytes);
    assign(virtual, figures?.virtualBytes);
    assign(read, figures?.readBytes);
    assign(written, figures?.writtenBytes);
    assign(oldest, figures?.oldestStartSeconds);
  }

  return {
    set: (connections, processes) => {
      setConnections(connections);
      setProcesses(processes);
    },
  };
}
