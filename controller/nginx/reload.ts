/**
 * Installs a tested configuration and reloads NGINX. If NGINX does not accept it, restores the previous configuration.
 */
import type { Artifact } from '../types/artifact.ts';
import { linesSince, logMark, tailForPeople } from './error-log.ts';
import { newestConf, workersOf, waitForGeneration } from './generation.ts';
import type { GenerationResult } from './generation.ts';
import { putBack, readText, writeWhole } from './install.ts';
import type { LiveApi, LiveState } from './live-api.ts';
import type { RunPaths } from './run-dir.ts';

/** Controls NGINX's master during a reload. */
export interface MasterControl {
  /**
   * Makes the master read nginx.conf; the conf with this hash is already installed there. Returns why that could not be
   * requested, or undefined.
   */
  reload(confHash: string): Promise<string | undefined>;
  /**
   * Why the master has certainly abandoned the reload, judging by `state` and by the log lines after `mark`; or
   * undefined.
   */
  givenUp(mark: number, state: LiveState | undefined): Promise<string | undefined>;
}

export interface ReloadOptions {
  readonly paths: RunPaths;
  readonly api: LiveApi;
  readonly master: MasterControl;
  readonly timeoutMs: number;
  readonly interrupted: () => string | undefined;
}

export type Reloaded =
  | { readonly ok: true; readonly generation: number; readonly state: LiveState }
  | { readonly ok: false; readonly message: string; readonly errorLog: readonly string[] };

/**
 * Installs the conf, makes the master reload, and waits for the new generation. After a failure, the previous
 * nginx.conf is restored, and NGINX is reloaded with it if workers of the new generation may be serving.
 */
export async function installAndReload(artifact: Artifact, options: ReloadOptions): Promise<Reloaded> {
  try {
    return await replaceAndSignal(artifact, options);
  } catch (error) {
    return { ok: false, message: `the configuration could not be written: ${String(error)}`, errorLog: [] };
  }
}

async function replaceAndSignal(artifact: Artifact, options: ReloadOptions): Promise<Reloaded> {
  const { paths, api } = options;
  const before = await api.state();
  if (!before.ok) return { ok: false, message: `the live API does not answer: ${before.message}`, errorLog: [] };
  const former = await readText(paths.nginxConf);
  const mark = await logMark(paths.errorLog);
  await writeWhole(paths.nginxConf, artifact.conf);
  const result = await signalAndWait(artifact.confHash, workersOf(before.value), mark, options);
  if (result.ok) return result;
  await putBack(paths.nginxConf, former);
  let message = `NGINX did not accept the new configuration: ${result.message}`;
  // If the master abandoned the reload, the old workers still serve. After a timeout, workers with the new
  // configuration may be serving.
  if (result.timedOut && former !== undefined) message += await rollBack(before.value, options);
  return { ok: false, message, errorLog: tailForPeople(await linesSince(paths.errorLog, mark)) };
}

async function signalAndWait(
  confHash: string,
  known: ReadonlySet<string>,
  mark: number,
  options: ReloadOptions,
): Promise<GenerationResult> {
  const { api, master } = options;
  const unsent = await master.reload(confHash);
  if (unsent !== undefined) return { ok: false, message: unsent, timedOut: false };
  return waitForGeneration({
    api,
    confHash,
    known,
    timeoutMs: options.timeoutMs,
    givenUp: async (state) => options.interrupted() ?? master.givenUp(mark, state),
  });
}

async function rollBack(before: LiveState, options: ReloadOptions): Promise<string> {
  const now = await options.api.state();
  const known = new Set([...workersOf(before), ...(now.ok ? workersOf(now.value) : [])]);
  const back = await signalAndWait(newestConf(before), known, await logMark(options.paths.errorLog), options);
  return back.ok
    ? '; the previous one is in force again'
    : `; the previous one could not be restored either: ${back.message}`;
}
