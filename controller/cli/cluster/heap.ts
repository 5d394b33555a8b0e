/** Limits how much garbage may accumulate before V8 collects it. */
import { setFlagsFromString } from 'node:v8';

/**
 * V8 lets the heap grow by two thirds or more of the reachable data before a full collection. So when large objects
 * change often, this process becomes that much larger. This lower limit is set only after the start: during the start,
 * nearly all data that is read stays reachable, and the lower limit would nearly double the CPU time. After the start,
 * its cost is not measurable (`npm run bench cluster`).
 */
const GROWTH_PERCENT = 20;

/** Call it when the start is complete. */
export function collectSooner(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
