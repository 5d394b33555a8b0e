/** Paths in nginx.conf of files in the run directory. */
import { filePath, isPlainPath } from '../types/conf-value.ts';
import type { ConfValue } from '../types/conf-value.ts';
import type { RenderOptions } from './options.ts';

export interface RunNames {
  readonly errorLog: ConfValue;
  readonly accessLog: ConfValue;
  /** The two files to which NGINX writes lines about TCP and UDP sessions, which Lua counts; `path`: without .0 and .1. */
  readonly sessions: { readonly path: ConfValue; readonly first: ConfValue; readonly second: ConfValue };
  readonly liveFile: ConfValue;
  readonly apiSocket: ConfValue;
  /** Folder of the files for TCP and UDP connections. */
  readonly streamDirectory: ConfValue;
  /** Path of the socket on which HTTP servers get TLS connections if TLS passthrough is on. */
  readonly tlsSocket: string;
  /** Path of the socket on which the stream server for passed-through connections listens. */
  readonly passedSocket: string;
}

/**
 * The paths are absolute, for readability, unless the name of the run directory contains characters that nginx.conf
 * must not contain (a space, a quote, `$`, `;`, `ä`). Then they are relative to `<run>/run`, which start.sh makes
 * NGINX's prefix and working directory. In a container, the paths of sockets are always relative; `logs` of
 * RenderOptions explains why.
 */
export function runNames({ runDirectory, logs }: Pick<RenderOptions, 'runDirectory' | 'logs'>): RunNames {
  const plain = isPlainPath(runDirectory);
  const run = plain ? `${runDirectory}/run/` : '';
  const sockets = logs === 'container' ? '' : run;
  const sessions = `${sockets}sessions`;
  return {
    errorLog: filePath(`${run}error.log`),
    accessLog: filePath(`${run}access.log`),
    sessions: { path: filePath(sessions), first: filePath(`${sessions}.0`), second: filePath(`${sessions}.1`) },
    liveFile: filePath(plain ? `${runDirectory}/conf/live.data` : '../conf/live.data'),
    streamDirectory: filePath(plain ? `${runDirectory}/conf/streams` : '../conf/streams'),
    apiSocket: filePath(`${sockets}api/live.sock`),
    tlsSocket: `${sockets}tls/http.sock`,
    passedSocket: `${sockets}tls/passed.sock`,
  };
}
