import { literal } from '../../types/conf-value.ts';
import { directive } from '../../types/directive.ts';
import { settings } from '../setting.ts';
import { cidrs } from '../values/cidrs.ts';

export default settings({
  chapter: 'Access',
  keys: {
    'whitelist-source-range': {
      parser: cidrs,
      fallback: [],
      about: 'Only these sources are served, where an Ingress does not name its own; others get 403.',
      good: ['10.0.0.0/8,192.168.1.1', '2001:db8::/32'],
      bad: ['10.0.0.0/33', 'office'],
    },
  },
  contribute: (values) => {
    const networks = values['whitelist-source-range'];
    if (networks.length === 0) return {};
    return {
      http: [...networks.map((network) => directive('allow', literal(network))), directive('deny', literal('all'))],
    };
  },
});
