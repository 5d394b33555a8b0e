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
        "Requests go to the Service's own address (ClusterIP) instead of the addresses of its pods; the cluster " +
        'distributes them. For a Service without a ClusterIP, requests go to its pods, and a warning is logged. ' +
        'Requests are sent to the ClusterIP even if there are no pods. Affinity, hashing and retries have no effect ' +
        'with a ClusterIP.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
  },
  location: (values, { settings }) => ({ viaService: values['service-upstream'] ?? settings['service-upstream'] }),
});
