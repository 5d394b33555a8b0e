import { settings } from '../../contract/setting.ts';
import { bool, wholeNumber } from '../../values/scalars.ts';
import type { Verdict } from '../../contract/verdict.ts';

const LATER: Verdict<never> = { kind: 'later', why: 'GeoIP databases are not read' };

export default settings({
  chapter: 'Modules',
  keys: {
    'use-geoip2': {
      parser: bool,
      fallback: false,
      about: "Defines variables with the geographic location of the client's address, from MaxMind's databases.",
      good: ['true', 'false'],
      bad: ['on'],
      verdict: LATER,
    },
    'geoip2-autoreload-in-minutes': {
      parser: wholeNumber(0, 525_600),
      fallback: 0,
      about: 'Minutes after which the databases are reloaded; 0: never.',
      good: ['0', '60'],
      bad: ['-1', '1h'],
      verdict: LATER,
    },
  },
});
