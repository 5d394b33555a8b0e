import { literal } from '../../types/conf-value.ts';
import { annotations } from '../annotation.ts';
import { passDirective } from '../pass-directives.ts';
import { fileName } from '../values/names.ts';

export default annotations({
  group: 'FastCGI',
  keys: {
    'fastcgi-index': {
      parser: fileName,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: false,
      about:
        'File name that SCRIPT_NAME gets where the path of a request ends with a slash. With backend-protocol FCGI.',
      good: ['index.php'],
      bad: ['/index.php', 'index php', '$uri'],
    },
  },
  location: (values) => {
    const index = values['fastcgi-index'];
    return index === undefined ? {} : { pass: [passDirective('index', literal(index))] };
  },
});
