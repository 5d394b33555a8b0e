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
        "Requests go to the Service's own address (ClusterIP) and not to the pods': the cluster chooses among them. A " +
        'Service without such an address is served by its pods, with a warning. It is not looked at whether there are ' +
        'pods. Affinity, hashing and further tries mean nothing then.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
  },
  location: (values, { settings }) => ({ viaService: values['service-upstream'] ?? settings['service-upstream'] }),
});
