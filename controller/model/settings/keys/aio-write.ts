import { literal, word } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { bool } from '../../values/scalars.ts';

export default settings({
  chapter: 'Proxying',
  keys: {
    'enable-aio-write': {
      parser: bool,
      fallback: true,
      about:
        'Threads write responses to temporary files, so that a slow disk does not delay the other requests of a ' +
        'worker. With false, no threads are started.',
      good: ['true', 'false'],
      bad: ['on'],
    },
  },
  contribute: (values) => {
    if (!values['enable-aio-write']) return {};
    return {
      main: [directive('thread_pool', word('default'), literal('threads=8'))],
      http: [directive('aio', word('threads')), directive('aio_write', word('on'))],
    };
  },
});
