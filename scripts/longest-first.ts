/** Orders the test files if vitest has no times of an earlier run, as in CI: a long file must not start last. */
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/**
 * Test files that take longer than 15 s, and those of `npm run test:full` that take longer than 50 s, longest first. vitest itself would order by file size, which does not
 * correlate with the time that scenarios take.
 */
export const LONG: readonly string[] = [
  'e2e/scenarios.test.ts',
  'e2e/image/split.full.test.ts',
  'e2e/faults/kills.full.test.ts',
  'controller/golden/incremental.full.test.ts',
  'e2e/faults/disk.full.test.ts',
  'e2e/faults/size.full.test.ts',
  'e2e/cluster/real.full.test.ts',
  'e2e/image/pod.full.test.ts',
  'e2e/behaviour/changes-under-load.full.test.ts',
  'controller/golden/admission/admission.drill.test.ts',
  'controller/golden/injection.test.ts',
  'e2e/behaviour/stream-refusals.drill.test.ts',
  'e2e/ui/page.full.test.ts',
  'e2e/behaviour/large-bodies.full.test.ts',
  'e2e/cluster/release.full.test.ts',
  'controller/report/webhook-certificate/keep-certificate.drill.test.ts',
  'e2e/cluster/webhook-rotation.full.test.ts',
  'e2e/behaviour/affinity.full.test.ts',
  'e2e/faults/faults.drill.test.ts',
  'controller/nginx/sidecar.drill.test.ts',
  'e2e/cluster/outage.drill.test.ts',
  'e2e/behaviour/command.drill.test.ts',
  'e2e/behaviour/quarantine.drill.test.ts',
  'e2e/behaviour/inspection.drill.test.ts',
  'nginx/spec/request-metrics.drill.test.ts',
  'nginx/spec/affinity.drill.test.ts',
  'e2e/behaviour/changes.drill.test.ts',
  'controller/cluster/api/faults.drill.test.ts',
  'e2e/behaviour/loss.drill.test.ts',
  'e2e/behaviour/lifecycle.drill.test.ts',
];

/** Returns the files named in `long` first, in the order of `long`, then all other files in their original order. */
export function sortLongest<T>(files: readonly T[], nameOf: (file: T) => string, long = LONG): T[] {
  const rank = (file: T): number => {
    const at = long.findIndex((name) => nameOf(file).endsWith(`/${name}`));
    return at < 0 ? long.length : at;
  };
  return files.toSorted((a, b) => rank(a) - rank(b));
}

/** The class that vitest.config.ts passes as `test.sequence.sequencer`. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return sortLongest(await super.sort(files), ({ moduleId }) => moduleId);
  }
}
