import { annotations } from '../annotation.ts';
import { bool } from '../../values/scalars.ts';

export default annotations({
  group: 'Balancing',
  ofService: true,
  keys: {
    'service-upstream': {
      parser: bool,
      setting: 'service-upstream',
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: true,
      about:
        "Requests go to the Service's own address (ClusterIP) instead of the pods', and the cluster balances them. " +
        'A Service without a ClusterIP is served by its pods, with a warning. Requests are sent even if there are ' +
        'no pods. Affinity, hashing and retries have no effect then.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
  },
  location: (values, { settings }) => ({ viaService: values['service-upstream'] ?? settings['service-upstream'] }),
});
