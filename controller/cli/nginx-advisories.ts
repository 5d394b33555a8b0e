/** Which known vulnerabilities the installed NGINX has: found once, when a command starts. */
import { advisoriesText, advisoryProblems, http3Obstacle, knownAdvisories, readRelease } from '../nginx/index.ts';
import type { Log } from '../report/logger.ts';
import type { Capabilities } from '../types/nginx.ts';
import type { Problem } from '../types/problem.ts';

export interface FoundAdvisories {
  readonly problems: readonly Problem[];
  /** `CVE-2026-42055` */
  readonly ids: readonly string[];
  /** What NGINX lacks for HTTP/3, as the end of a sentence that begins with `use-http3`; null: nothing. */
  readonly http3Obstacle: string | null;
}

/** Logs what is known about the release; the caller reports `problems`. */
export async function findAdvisories(
  { binary, version, http3 }: Pick<Capabilities, 'binary' | 'version' | 'http3'>,
  log: Log,
): Promise<FoundAdvisories> {
  const release = await readRelease(binary, version);
  const known = knownAdvisories(release);
  log.info(advisoriesText(release, known));
  return {
    problems: advisoryProblems(release, known),
    ids: known.map(({ id }) => id),
    http3Obstacle: http3Obstacle({ http3 }, release),
  };
}
