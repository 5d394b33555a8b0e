/** Starts a test before the reload that needs it, so that the reload does not wait for it after the quiet time. */
import type { Artifact } from '../types/artifact.ts';
import type { CheckResult } from '../types/outcome.ts';

export interface EarlyCheck {
  /**
   * Begins to test a configuration. If another test has begun since the last reload, that one is aborted and no new one
   * begins: consecutive changes are tested once, together.
   */
  begin(artifact: Artifact): void;
  /** The result for the configuration of a reload; undefined if it has to be tested (again). */
  take(artifact: Artifact): Promise<CheckResult | undefined>;
  /** The configuration that `take` may answer for: its files must be kept. */
  conf(): string | undefined;
  /** Aborts a running test; resolves when it has ended. */
  end(): Promise<void>;
}

interface Begun {
  readonly artifact: Artifact;
  readonly stop: AbortController;
  readonly result: Promise<CheckResult>;
}

/** `check` must not reject; a test that the signal aborts is `untested`. */
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
      // An aborted test says nothing. A timeout counts: another test would take as long, and is not reported.
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
