import { literal } from '../../types/conf-value.ts';
import { directive } from '../../types/directive.ts';
import { annotations } from '../annotation.ts';
import { cidrs } from '../values/cidrs.ts';

export default annotations({
  group: 'Access control',
  keys: {
    'allowlist-source-range': {
      parser: cidrs,
      aliases: ['whitelist-source-range'],
      setting: 'whitelist-source-range',
      onInvalid: 'denied',
      emptyIsInvalid: true,
      scope: 'location',
      risk: 'medium',
      live: false,
      about:
        'Only these sources are served, others get 403. It replaces the list of the ConfigMap. A list that cannot be ' +
        'read closes the paths with 503.',
      good: ['10.0.0.0/8, 192.168.1.1', '2001:db8::/32'],
      bad: ['10.0.0.0/33', 'office', '10.0.0.0/8;deny'],
    },
  },
  location: (values) => {
    const networks = values['allowlist-source-range'];
    if (networks === undefined) return {};
    return {
      directives: [
        ...networks.map((network) => directive('allow', literal(network))),
        directive('deny', literal('all')),
      ],
    };
  },
});
