import { settings } from '../setting.ts';
import { responseHeaderNames } from '../values/header-names.ts';

export default settings({
  chapter: 'Headers',
  keys: {
    'global-allowed-response-headers': {
      parser: responseHeaderNames,
      fallback: [],
      about:
        'Names of the headers that a ConfigMap of the annotation `custom-headers` may set, in whatever case. None by ' +
        'default. Names that cannot be read are dropped, the others hold.',
      good: ['X-Frame-Options,Content-Security-Policy', 'x-team'],
      bad: ['X Frame', 'X-Team: blue', 'Content-Length'],
    },
  },
});
