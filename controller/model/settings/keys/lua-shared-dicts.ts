import { settings } from '../../contract/setting.ts';
import { sharedDicts } from '../../values/shared-dicts.ts';

const STANDARD = [
  ['configuration_data', '20M'],
  ['certificate_data', '20M'],
  ['balancer_ewma', '10M'],
  ['balancer_ewma_last_touched_at', '10M'],
  ['balancer_ewma_locks', '1M'],
  ['certificate_servers', '5M'],
  ['ocsp_response_cache', '5M'],
] as const;

export default settings({
  chapter: 'Workers and tables',
  keys: {
    'lua-shared-dicts': {
      parser: sharedDicts,
      fallback: new Map(STANDARD),
      written: STANDARD.map((pair) => pair.join(':')).join(', '),
      about: 'Sizes of the Lua dictionaries that the workers of ingress-nginx share.',
      good: ['configuration_data: 100M, certificate_data: 20M', 'my_dict:512k'],
      bad: ['100M', 'configuration_data: much', 'a b: 1M'],
      verdict: {
        kind: 'no-effect',
        why: 'all live data is in one dictionary, whose size is chosen automatically, and no other Lua code is run',
      },
    },
  },
});
