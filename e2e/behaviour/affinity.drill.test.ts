/** Clients with a session cookie stay at their pods. affinity.full.test.ts has the same tests with 10,000 clients. */
import { testAffinity } from './affinity-of.ts';

testAffinity(400, 0.3);
