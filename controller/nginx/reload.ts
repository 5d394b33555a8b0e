/** Putting a tested configuration into force, and taking it back where NGINX does not follow. */
import { rm } from 'node:fs/promises';
import type { Artifact } from '../types/artifact.ts';
import { linesSince, logMark, reloadGivenUp, tailForPeople } from './error-log.ts';
import { newestGeneration, pidsOf, waitForGeneration } from './generation.ts';
import type { GenerationResult } from './generation.ts';
import { readText, writeWhole } from './install.ts';
import type { LiveApi, LiveState } from './live-api.ts';
import { signalMaster } from './master.ts';
import { isAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import type { RunPaths } from './run-dir.ts';

export interface ReloadOptions {
  readonly paths: RunPaths;
  readonly api: LiveApi;
  readonly master: ProcessIdentity;
  readonly timeoutMs: number;
  readonly interrupted: () => string | undefined;
}

export type Reloaded =
  | { readonly ok: true; readonly generation: number; readonly state: LiveState }
  | { readonly ok: false; readonly message: string; readonly errorLog: readonly string[] };

/** Install, SIGHUP, wait for the new generation. On failure the former nginx.conf is back, and in force where NGINX allows. */
export async function reloadMaster(artifact: Artifact, options: ReloadOptions): Promise<Reloaded> {
  const { paths, api } = options;
  const before = await api.state();
  if (!before.ok) return { ok: false, message: `the live API does not answer: ${before.message}`, errorLog: [] };
  const former = await readText(paths.nginxConf);
  const mark = await logMark(paths.errorLog);
  await writeWhole(paths.nginxConf, artifact.conf);
  const result = await signalAndWait(artifact.confHash, pidsOf(before.value), mark, options);
  if (result.ok) return result;
  if (former === undefined) await rm(paths.nginxConf, { force: true });
  else await writeWhole(paths.nginxConf, former);
  let message = `NGINX did not take the new configuration: ${result.message}`;
  // Given up by the master: the old workers never stopped. After a timeout workers of the new one may be serving.
  if (result.timedOut && former !== undefined) message += await rollBack(before.value, options);
  return { ok: false, message, errorLog: tailForPeople(await linesSince(paths.errorLog, mark)) };
}

async function signalAndWait(
  confHash: string,
  known: ReadonlySet<number>,
  mark: number,
  options: ReloadOptions,
): Promise<GenerationResult> {
  const { paths, api, master } = options;
  if (!signalMaster(master, 'SIGHUP')) return { ok: false, message: 'its master process is gone', timedOut: false };
  return waitForGeneration({
    api,
    confHash,
    known,
    timeoutMs: options.timeoutMs,
    async givenUp() {
      if (!isAlive(master)) return 'its master process ended';
      return options.interrupted() ?? reloadGivenUp(await linesSince(paths.errorLog, mark), master.pid);
    },
  });
}

async function rollBack(before: LiveState, options: ReloadOptions): Promise<string> {
  const now = await options.api.state();
  const known = new Set([...pidsOf(before), ...(now.ok ? pidsOf(now.value) : [])]);
  const hash = before.workers.find((worker) => worker.generation === newestGeneration(before))?.conf ?? before.conf;
  const back = await signalAndWait(hash, known, await logMark(options.paths.errorLog), options);
  return back.ok ? '; the former one is in force again' : `; the former one did not come back either: ${back.message}`;
}
