/** The tests of affinity.drill.test.ts with 10,000 clients. */
import { testAffinity } from './affinity-of.ts';

testAffinity(10_000, 0.25);
