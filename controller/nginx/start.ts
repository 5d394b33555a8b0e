/** Starts NGINX with an Artifact, and waits until its workers have registered with the configuration. */
import type { Artifact } from '../types/artifact.ts';
import { linesSince, logMark, tailForPeople } from './error-log.ts';
import { waitForGeneration } from './generation.ts';
import { putBack, readText, writeWhole } from './install.ts';
import { launch } from './launch.ts';
import type { LiveApi, LiveState } from './live-api.ts';
import { readMaster, signalMaster, waitForEnd } from './master.ts';
import { readProcess } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import type { RunPaths } from './run-dir.ts';

export interface StartOptions {
  readonly paths: RunPaths;
  readonly startCommand: string;
  readonly binary: string;
  readonly api: LiveApi;
  readonly timeoutMs: number;
  readonly interrupted: () => string | undefined;
}

export type Started =
  | { readonly ok: true; readonly master: ProcessIdentity; readonly ended: Promise<string>; readonly state: LiveState }
  | { readonly ok: false; readonly message: string; readonly errorLog: readonly string[] };

const STOP_MS = 5000;

/**
 * Installs the conf and runs the start command. If the workers do not register, NGINX is stopped again, and the
 * previous nginx.conf is restored. The caller has already written the files and live.data.
 */
export async function startMaster(artifact: Artifact, options: StartOptions): Promise<Started> {
  try {
    return await installAndLaunch(artifact, options);
  } catch (error) {
    return { ok: false, message: `NGINX did not start: ${String(error)}`, errorLog: [] };
  }
}

async function installAndLaunch(artifact: Artifact, options: StartOptions): Promise<Started> {
  const { paths, api } = options;
  const former = await readText(paths.nginxConf);
  const mark = await logMark(paths.errorLog);
  await writeWhole(paths.nginxConf, artifact.conf);
  const launched = await launch(options.startCommand, options.binary, paths);
  const wait = { api, confHash: artifact.confHash, known: new Set<string>(), timeoutMs: options.timeoutMs };
  const arrived = await waitForGeneration({
    ...wait,
    givenUp: () => Promise.resolve(launched.exit() ?? options.interrupted()),
  });
  const master = launched.exit() === undefined ? readMaster(paths.master) : undefined;
  if (arrived.ok && master !== undefined) return { ok: true, master, ended: launched.ended, state: arrived.state };
  if (launched.exit() === undefined) await end(master ?? readProcess(launched.pid ?? 0));
  await putBack(paths.nginxConf, former);
  const errorLog = tailForPeople([
    ...(await linesSince(paths.startLog, 0)),
    ...(await linesSince(paths.errorLog, mark)),
  ]);
  const reason = arrived.ok ? `${paths.master} does not name a running master` : arrived.message;
  return { ok: false, message: `NGINX did not start: ${reason}`, errorLog };
}

async function end(found: ProcessIdentity | undefined): Promise<void> {
  if (found === undefined || !signalMaster(found, 'SIGTERM')) return;
  await waitForEnd(found, STOP_MS);
}
