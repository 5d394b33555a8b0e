import { word } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { annotations } from '../annotation.ts';
import { oneWordOf } from '../../values/scalars.ts';

export default annotations({
  group: 'Authentication',
  keys: {
    satisfy: {
      parser: oneWordOf(['any', 'all']),
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: false,
      about:
        '`any`: a request is allowed if it passes at least one of the configured checks: source ranges, password, ' +
        'external authentication. `all` (the default): it must pass all of them. If one of the checks cannot be ' +
        'configured, the paths answer 503 with either value.',
      good: ['any', 'all'],
      bad: ['Any', 'either'],
    },
  },
  location: ({ satisfy }) => (satisfy === undefined ? {} : { directives: [directive('satisfy', word(satisfy))] }),
});
