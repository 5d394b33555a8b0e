import { word } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { annotations } from '../annotation.ts';
import { oneOf } from '../../values/scalars.ts';

export default annotations({
  group: 'Authentication',
  keys: {
    satisfy: {
      parser: oneOf(['any', 'all']),
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: false,
      about:
        '`any`: a client that passes one of source ranges, password and external authentication is let in. `all`, which ' +
        'applies where it is absent: it has to pass each. Where one of them cannot be set up, the paths answer 503 with ' +
        'either.',
      good: ['any', 'all'],
      bad: ['Any', 'either'],
    },
  },
  location: ({ satisfy }) => (satisfy === undefined ? {} : { directives: [directive('satisfy', word(satisfy))] }),
});
