import { annotations } from '../annotation.ts';
import { absolutePath } from '../../values/paths.ts';

export default annotations({
  group: 'Rewriting',
  keys: {
    'app-root': {
      parser: absolutePath,
      onInvalid: 'ignored',
      scope: 'host',
      risk: 'medium',
      live: true,
      about: 'A request for `/` of the host is answered with 302 to this path.',
      good: ['/app', '/ui/index.html'],
      bad: ['app', 'https://example.com/', '//example.com', '/a?b=c'],
    },
  },
  host: (values) => (values['app-root'] === undefined ? {} : { appRoot: values['app-root'] }),
});
