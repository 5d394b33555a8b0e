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
      about: 'Requests for `/` of the host are redirected to this path with 302.',
      good: ['/app', '/ui/index.html'],
      bad: ['app', 'https://example.com/', '//example.com', '/a?b=c'],
    },
  },
  host: (values) => (values['app-root'] === undefined ? {} : { appRoot: values['app-root'] }),
});
