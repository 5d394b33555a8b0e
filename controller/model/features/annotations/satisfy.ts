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
        '`any`: a client gets in if it passes one of source ranges, password and external authentication. `all` ' +
        '(the default): it must pass all of them. If one of them cannot be set up, the paths answer 503 with ' +
        'either value.',
      good: ['any', 'all'],
      bad: ['Any', 'either'],
    },
  },
  location: ({ satisfy }) => (satisfy === undefined ? {} : { directives: [directive('satisfy', word(satisfy))] }),
});
