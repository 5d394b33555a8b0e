/**
 * Tests a configuration while the controller still waits for more changes, so that the reload need not wait for the
 * test.
 */
import type { Artifact } from '../types/artifact.ts';
import type { CheckResult } from '../types/outcome.ts';

export interface EarlyCheck {
  /**
   * Begins to test a configuration. If the test of another configuration has begun since the last reload, that test is
   * aborted and no new one begins, because the reload will test all consecutive changes at once.
   */
  begin(artifact: Artifact): void;
  /**
   * Resolves to the result of the early test if that test was of this configuration and ran to its end. Otherwise
   * resolves to undefined, and the caller has to test the configuration.
   */
  take(artifact: Artifact): Promise<CheckResult | undefined>;
  /** The configuration for which `take` may return a result. Its files must not be deleted. */
  conf(): string | undefined;
  /** Aborts a running test; resolves when it has ended. */
  end(): Promise<void>;
}

interface Begun {
  readonly artifact: Artifact;
  readonly stop: AbortController;
  readonly result: Promise<CheckResult>;
}

/** `check` must not reject. If the signal aborts a test, its result must be `untested`. */
export function createEarlyCheck(check: (artifact: Artifact, signal: AbortSignal) => Promise<CheckResult>): EarlyCheck {
  let begun: Begun | undefined;

  function fits(artifact: Artifact): boolean {
    return begun !== undefined && begun.artifact.conf === artifact.conf && sameFiles(begun.artifact, artifact);
  }

  return {
    begin(artifact) {
      if (begun === undefined) {
        const stop = new AbortController();
        begun = { artifact, stop, result: check(artifact, stop.signal) };
      } else if (!fits(artifact)) begun.stop.abort();
    },
    async take(artifact) {
      const [was, fitting] = [begun, fits(artifact)];
      begun = undefined;
      if (!fitting) was?.stop.abort();
      const result = fitting ? await was?.result : undefined;
      // An aborted test has no result. A timeout is a result, because another test would take as long.
      return was?.stop.signal.aborted === true ? undefined : result;
    },
    conf: () => begun?.artifact.conf,
    async end() {
      begun?.stop.abort();
      await begun?.result;
      begun = undefined;
    },
  };
}

function sameFiles({ files }: Artifact, { files: others }: Artifact): boolean {
  return (
    files === others || (files.size === others.size && [...files].every(([name, text]) => others.get(name) === text))
  );
}
