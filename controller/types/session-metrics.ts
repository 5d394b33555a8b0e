/**
 * What NGINX counts about TCP connections, UDP sessions and TLS connections that are passed through. Each entry has an
 * identifier, which nginx.conf or njs writes into the lines that nginx/lua/tidegate/metrics/session_lines.lua reads.
 */
import type { StreamServer } from './stream.ts';

/** Upper bounds of the buckets of durations, in seconds. */
export const SESSION_BOUNDS = [0.01, 0.1, 1, 10, 60, 600, 3600, 86_400];

/** The bounds for NGINX's workers: milliseconds, separated by colons. */
export const SESSION_BOUNDS_TEXT = SESSION_BOUNDS.map((seconds) => seconds * 1000).join(':');

/** The numbers of a series, in their order; the buckets of durations follow, the last one for values above all bounds. */
export const SESSION_NUMBERS = ['sessions', 'received', 'sent', 'retries', 'milliseconds'] as const;

/** How many numbers a series has. */
export const SESSION_WIDTH = SESSION_NUMBERS.length + SESSION_BOUNDS.length + 1;

/** The labels of an entry. */
export interface SessionLabels {
  readonly protocol: 'TCP' | 'UDP' | 'TLS';
  /** The port on which clients connect. */
  readonly port: string;
  readonly namespace: string;
  readonly service: string;
  readonly service_port: string;
  /** Name of the Ingress, and the host; empty for a TCP or UDP service. */
  readonly ingress: string;
  readonly host: string;
}

/** The sums of an entry since it exists, or since the controller started. */
export interface EntrySessions {
  readonly labels: SessionLabels;
  /** The number of sessions by status. */
  readonly statuses: ReadonlyMap<string, number>;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly retries: number;
  /** Sum of the durations. */
  readonly seconds: number;
}

/** `TCP/5432/shop/db/5432`. An entry that leads to another Service is another one. */
export function portEntry({ protocol, port, service }: Pick<StreamServer, 'protocol' | 'port' | 'service'>): string {
  return `${protocol}/${port}/${service.replace(':', '/')}`;
}

/** How many characters of the names of files identify a host and its backend. `passthrough.js` knows this, too. */
const CHARACTERS = 17;

/** The entry of a server name that is passed through: its file, and the file with its endpoints. */
export function passedEntry(nameFile: string, endpointsFile: string): string {
  return `TLS/${nameFile.slice(0, CHARACTERS)}/${endpointsFile.slice(0, CHARACTERS)}`;
}
