/** A test that begins before the reload that will ask for it, so that it does not wait until changes rest. */
import type { Artifact } from '../types/artifact.ts';
import type { CheckResult } from '../types/outcome.ts';

export interface EarlyCheck {
  /**
   * Begins to test a configuration. Where another one has been begun since the last reload, that is broken off and none
   * begins: changes that follow one another are tested once, together.
   */
  begin(artifact: Artifact): void;
  /** The result for the configuration of a reload; undefined where it has to be tested (again). */
  take(artifact: Artifact): Promise<CheckResult | undefined>;
  /** The configuration that `take` may answer for: its files must stay. */
  conf(): string | undefined;
  /** Breaks off what is under way; resolves when it has ended. */
  end(): Promise<void>;
}

interface Begun {
  readonly artifact: Artifact;
  readonly stop: AbortController;
  readonly result: Promise<CheckResult>;
}

/** `check` must not reject; a test that is broken off by the signal is `untested`. */
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
      // Broken off it says nothing. A test that hung counts: another one would take as long, and nobody hears of it.
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
