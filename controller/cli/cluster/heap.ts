/** How much garbage may lie about before it is collected. */
import { setFlagsFromString } from 'node:v8';

/**
 * V8 lets the heap grow by two thirds or more of what is alive before it collects all of it, so that whoever writes large
 * objects all the time makes this process larger by as much. A start, where nearly everything that is read stays, would take
 * nearly twice the CPU with less; from then on the cost cannot be measured (`npm run bench cluster`).
 */
const GROWTH_PERCENT = 30;

/** To be called once a start is over. */
export function collectSooner(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
