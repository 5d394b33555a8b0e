/** The long form of affinity.test.ts. */
import { testAffinity } from './affinity-of.ts';

testAffinity(10_000, 0.25);
