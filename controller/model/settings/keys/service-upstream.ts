import { settings } from '../../contract/setting.ts';
import { bool } from '../../values/scalars.ts';

export default settings({
  chapter: 'Balancing and endpoints',
  keys: {
    'service-upstream': {
      parser: bool,
      fallback: false,
      about: "Requests go to the Services' own addresses, unless the annotation service-upstream says otherwise.",
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
  },
});
