/** How much garbage may accumulate before it is collected. */
import { setFlagsFromString } from 'node:v8';

/**
 * V8 lets the heap grow by two thirds or more of the live data before a full collection, so frequent writes of large
 * objects enlarge this process by as much. During the start nearly everything read stays, and a lower limit would
 * nearly double its CPU time; afterwards the cost is not measurable (`npm run bench cluster`).
 */
const GROWTH_PERCENT = 30;

/** To be called once the start is complete. */
export function collectSooner(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
