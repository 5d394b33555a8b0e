import { annotations } from '../annotation.ts';
import { balance } from '../../values/balance.ts';

export default annotations({
  group: 'Balancing',
  ofService: true,
  keys: {
    'load-balance': {
      parser: balance,
      setting: 'load-balance',
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: true,
      about:
        'How an endpoint is chosen. `round_robin`: in turn. `ewma`: of two random endpoints, the one that is ' +
        'expected to answer sooner, according to its requests in progress and the moving average of its times to the ' +
        'first byte (decay time: 10 seconds). `least_conn`: the endpoint with the fewest requests in progress. ' +
        '`random`: of two random endpoints, the one with fewer requests in progress. Each NGINX worker counts its ' +
        'own requests. A retry of a request goes to the next endpoint in turn.',
      good: ['ewma', 'least_conn'],
      bad: ['EWMA', 'ip_hash', 'chash', 'sticky_balanced'],
    },
  },
  location: (values) => {
    const wanted = values['load-balance'];
    return wanted === undefined ? {} : { route: { balance: wanted } };
  },
});
