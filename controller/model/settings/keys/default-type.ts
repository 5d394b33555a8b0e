import { literal } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { mediaType } from '../../values/media-types.ts';

export default settings({
  chapter: 'Headers',
  keys: {
    'default-type': {
      parser: mediaType,
      fallback: 'text/html',
      about:
        'MIME type of responses that NGINX generates itself, for example with `return` in a snippet, unless another ' +
        'type is set.',
      good: ['text/html', 'text/plain'],
      bad: ['html', 'text/*', 'text/plain; charset=utf-8'],
    },
  },
  contribute: (values) => ({ http: [directive('default_type', literal(values['default-type']))] }),
});
