import { settings } from '../../contract/setting.ts';
import { balance } from '../../values/balance.ts';

export default settings({
  chapter: 'Balancing and endpoints',
  keys: {
    'load-balance': {
      parser: balance,
      fallback: 'round_robin',
      about: 'Algorithm that chooses an endpoint for a request, for Ingresses without the annotation `load-balance`.',
      good: ['ewma', 'least_conn'],
      bad: ['EWMA', 'ip_hash', 'chash'],
    },
  },
});
