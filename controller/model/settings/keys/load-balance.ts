import { settings } from '../../contract/setting.ts';
import { balance } from '../../values/balance.ts';

export default settings({
  chapter: 'Balancing and endpoints',
  keys: {
    'load-balance': {
      parser: balance,
      fallback: 'round_robin',
      about: 'How an endpoint is chosen, where the annotation load-balance does not say so.',
      good: ['ewma', 'least_conn'],
      bad: ['EWMA', 'ip_hash', 'chash'],
    },
  },
});
