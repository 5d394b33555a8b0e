/** Tests configurations with `nginx -t`: whole ones, and what NGINX does not run with yet. */
import type { Artifact, ConfParts } from '../types/artifact.ts';
import type { CheckResult } from '../types/outcome.ts';
import { changedConf } from './changed-conf.ts';
import { checkCandidate, type CheckOptions } from './check.ts';
import { createEarlyCheck } from './early-check.ts';

export interface ConfTests {
  /** Tests a whole configuration. */
  whole(artifact: Artifact, priority?: 'background'): Promise<CheckResult>;
  /**
   * Tests what NGINX does not run with yet: if only server blocks have changed, only these blocks with the text around
   * them. NGINX itself reads the whole configuration at the reload, and refuses it if the rest does not fit. Returns the
   * result of `begin` if that was for this configuration.
   */
  changed(artifact: Artifact): Promise<CheckResult>;
  /** Begins to test a configuration for which `changed` is expected to be called. */
  begin(artifact: Artifact): void;
  /** The configurations that are being tested. Their files must not be deleted. */
  confs(): readonly string[];
  /** Aborts a test that `begin` began; resolves when it has ended. */
  end(): Promise<void>;
}

export interface ConfTestsOptions extends Omit<CheckOptions, 'background' | 'signal'> {
  /** The server blocks with which NGINX runs; undefined if they are not known. */
  readonly running: () => ConfParts | undefined;
}

export function createConfTests({ running, ...options }: ConfTestsOptions): ConfTests {
  const testing = new Set<Artifact>();
  const early = createEarlyCheck(testChanged);

  async function test(artifact: Artifact, how: Pick<CheckOptions, 'background' | 'signal'> = {}): Promise<CheckResult> {
    testing.add(artifact);
    try {
      return await checkCandidate(artifact, { ...options, ...how });
    } finally {
      testing.delete(artifact);
    }
  }

  async function testChanged(artifact: Artifact, signal?: AbortSignal): Promise<CheckResult> {
    const how = signal === undefined ? {} : { signal };
    const [before, { parts }] = [running(), artifact];
    const changed = before === undefined || parts === undefined ? undefined : changedConf(parts, before);
    if (changed === undefined) return test(artifact, how);
    const result = await test({ ...artifact, conf: changed.text }, how);
    if (result.ok) return { ...result, partial: true };
    return result.line === undefined ? result : { ...result, line: changed.wholeLine(result.line) };
  }

  return {
    whole: (artifact, priority) => test(artifact, { background: priority === 'background' }),
    changed: async (artifact) => (await early.take(artifact)) ?? testChanged(artifact),
    begin: early.begin,
    confs: () => [early.conf() ?? '', ...[...testing].map(({ conf }) => conf)],
    end: early.end,
  };
}
