import { headerName, word } from '../../../types/conf-value.ts';
import { forEveryModule, passDirective } from '../../contract/pass-directives.ts';
import { settings } from '../../contract/setting.ts';
import { hiddenHeaderNames, responseHeaderNames } from '../../values/header-names.ts';
import { objectKey } from '../../values/names.ts';
import { bool } from '../../values/scalars.ts';

export default settings({
  chapter: 'Headers',
  keys: {
    'add-headers': {
      parser: objectKey,
      fallback: undefined,
      about:
        "ConfigMap (namespace/name) whose entries are set as headers on every answer, errors included, in the backend's " +
        'place; an empty value takes a header out, `Server` too. Values may hold variables of NGINX that say something ' +
        'about the request, `$req_id`. An entry that may not be a header is reported; its last good value ' +
        'stays in force, and without one it is left out. A change of the ' +
        'ConfigMap is followed without a reload; the first header, or the last to go, takes one.',
      good: ['ingress-nginx/answer-headers'],
      bad: ['answer-headers', 'a/b/c', 'X-Team: blue'],
    },
    'global-allowed-response-headers': {
      parser: responseHeaderNames,
      fallback: [],
      about:
        'Names of the headers that a ConfigMap of the annotation `custom-headers` may set, in whatever case. None by ' +
        'default. Names that cannot be read are dropped, the others hold.',
      good: ['X-Frame-Options,Content-Security-Policy', 'x-team'],
      bad: ['X Frame', 'X-Team: blue', 'Content-Length'],
    },
    'hide-headers': {
      parser: hiddenHeaderNames,
      fallback: [],
      about:
        'Names of headers that answers of backends do not keep, in whatever case. Names that cannot be read are dropped, ' +
        'the others hold.',
      good: ['X-Powered-By', 'X-Powered-By, X-AspNet-Version'],
      bad: ['X Powered', 'X-Powered-By: PHP', 'Content-Length'],
    },
    'server-tokens': {
      parser: bool,
      fallback: false,
      about:
        'Server names the version of NGINX, and error pages do. Off: it says `nginx`; an empty `Server` in the ConfigMap ' +
        'of add-headers takes it out.',
      good: ['true', 'false'],
      bad: ['off'],
    },
    'allow-backend-server-header': {
      parser: bool,
      fallback: false,
      about: "Answers of backends keep the backend's own Server header.",
      good: ['true', 'false'],
      bad: ['yes'],
    },
  },
  contribute: (values) => ({
    http: forEveryModule([
      ...values['hide-headers'].map((name) => passDirective('hide_header', headerName(name))),
      ...(values['allow-backend-server-header'] ? [passDirective('pass_header', word('Server'))] : []),
    ]),
  }),
});
