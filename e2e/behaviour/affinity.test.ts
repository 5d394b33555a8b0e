/** Clients keep their pod, whatever happens around them; affinity.full.test.ts does it with 10,000 of them. */
import { testAffinity } from './affinity-of.ts';

testAffinity(400, 0.3);
