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
        'How an endpoint is chosen. `round_robin`: by turns. `ewma`: of two by chance the one that is expected to answer ' +
        'sooner, by its average time to the first byte (decaying in 10 seconds) and the requests it has under way. ' +
        '`least_conn`: the one with the fewest requests under way. `random`: of two by chance the one with fewer. Each ' +
        'NGINX worker goes by its own requests. Another try of the same request goes to whose turn it is.',
      good: ['ewma', 'least_conn'],
      bad: ['EWMA', 'ip_hash', 'chash', 'sticky_balanced'],
    },
  },
  location: (values) => {
    const wanted = values['load-balance'];
    return wanted === undefined ? {} : { route: { balance: wanted } };
  },
});
