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
        'ConfigMap (namespace/name) whose entries are set as headers on every response, including errors, and ' +
        "replace the backend's headers; an empty value removes a header, even `Server`. Values may contain NGINX " +
        'variables about the request, such as `$req_id`. An entry that is not allowed is reported; its last good ' +
        'value stays in force, or, if there is none, the entry is left out. A change to the ConfigMap needs no ' +
        'reload, except when the first header is added or the last one is removed.',
      good: ['ingress-nginx/answer-headers'],
      bad: ['answer-headers', 'a/b/c', 'X-Team: blue'],
    },
    'global-allowed-response-headers': {
      parser: responseHeaderNames,
      fallback: [],
      about:
        'Names of the headers that a ConfigMap of the annotation `custom-headers` may set, ignoring case. By ' +
        'default, such a ConfigMap may set no headers. Invalid names are dropped; the others apply.',
      good: ['X-Frame-Options,Content-Security-Policy', 'x-team'],
      bad: ['X Frame', 'X-Team: blue', 'Content-Length'],
    },
    'hide-headers': {
      parser: hiddenHeaderNames,
      fallback: [],
      about:
        "Names of headers that are removed from backends' responses, ignoring case. Invalid names are dropped; the " +
        'others apply.',
      good: ['X-Powered-By', 'X-Powered-By, X-AspNet-Version'],
      bad: ['X Powered', 'X-Powered-By: PHP', 'Content-Length'],
    },
    'server-tokens': {
      parser: bool,
      fallback: false,
      about:
        'The Server header and error pages show the version of NGINX. With false, the header is `nginx`; an empty ' +
        '`Server` entry in the ConfigMap of `add-headers` removes the header.',
      good: ['true', 'false'],
      bad: ['off'],
    },
    'allow-backend-server-header': {
      parser: bool,
      fallback: false,
      about: "Responses of backends keep the backend's own Server header.",
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
