/** Runs wrk, which is a closed-loop client. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { CLIENT_CORE } from './cores.ts';

export interface WrkOptions {
  readonly url: string;
  /** One host, or several that are requested in turn. */
  readonly host: string | readonly string[];
  readonly seconds: number;
  /** Headers besides Host; they are sent only if there is a single host. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly connections?: number;
  /** The core on which wrk runs: the last one by default; any core if `undefined`. */
  readonly core?: string | undefined;
}

export interface WrkRun {
  readonly requests: number;
  readonly perSecond: number;
  /** Answers of status 400 and above. */
  readonly refused: number;
  /** The number of connections that failed, were closed early, or timed out. */
  readonly socketErrors: number;
}

const HOSTS_SCRIPT = fileURLToPath(new URL('hosts.lua', import.meta.url));

/** Throws if wrk's output cannot be parsed. */
export async function runWrk(options: WrkOptions): Promise<WrkRun> {
  const { url, host, seconds, headers = {}, connections = 64 } = options;
  const core = 'core' in options ? options.core : CLIENT_CORE;
  const more = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const hosts =
    typeof host === 'string' ? ['-H', `Host: ${host}`, ...more, url] : ['-s', HOSTS_SCRIPT, url, '--', ...host];
  const wrk = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, ...hosts];
  const [file = '', ...args] = core === undefined ? wrk : ['taskset', '-c', core, ...wrk];
  const { stdout } = await execa(file, args, { timeout: (seconds + 30) * 1000 });
  const [, requests] = /(\d+) requests in /.exec(stdout) ?? [];
  const [, perSecond] = /^Requests\/sec:\s+([\d.]+)/m.exec(stdout) ?? [];
  if (requests === undefined || perSecond === undefined) throw new Error(`wrk printed no figures:\n${stdout}`);
  const [, ...errors] = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout) ?? [];
  return {
    requests: Number(requests),
    perSecond: Number(perSecond),
    refused: Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0),
    socketErrors: errors.map(Number).reduce((sum, count) => sum + count, 0),
  };
}
