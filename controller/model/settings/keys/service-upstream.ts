import { settings } from '../../contract/setting.ts';
import { bool } from '../../values/scalars.ts';

export default settings({
  chapter: 'Balancing and endpoints',
  keys: {
    'service-upstream': {
      parser: bool,
      fallback: false,
      about:
        "Requests go to the Services' own addresses, where the annotation service-upstream does not say otherwise.",
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
  },
});
