import { settings } from '../../contract/setting.ts';
import { bool } from '../../values/scalars.ts';

export default settings({
  chapter: 'Balancing and endpoints',
  keys: {
    'service-upstream': {
      parser: bool,
      fallback: false,
      about:
        'Requests go to the cluster IPs of Services instead of their endpoints. The annotation `service-upstream` ' +
        'takes precedence.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
  },
});
