import { word } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { objectKey } from '../../values/names.ts';
import { bool } from '../../values/scalars.ts';

export default settings({
  chapter: 'Headers',
  keys: {
    'proxy-set-headers': {
      parser: objectKey,
      fallback: undefined,
      about:
        'ConfigMap (namespace/name) whose entries are sent to every backend as headers. They replace headers of the ' +
        "client and headers that Tidegate sends by default; an empty value removes the client's header. Values may " +
        'contain NGINX variables about the request, such as `$remote_addr` or `$http_x_team`. An entry that is not ' +
        'allowed is reported; its last good value stays in force, or, if there is none, the entry is left out. ' +
        'Changes to the ConfigMap take effect automatically.',
      good: ['ingress-nginx/backend-headers'],
      bad: ['backend-headers', 'a/b/c', 'X-Team: blue'],
    },
    'proxy-add-original-uri-header': {
      parser: bool,
      fallback: false,
      about: 'Backends get the header X-Original-URI, with path and query as the client sent them.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'generate-request-id': {
      parser: bool,
      fallback: true,
      about:
        'A request without the header X-Request-ID gets an ID, for the backend and for `$req_id` in the access log.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'enable-underscores-in-headers': {
      parser: bool,
      fallback: false,
      about:
        'Client headers whose names contain `_` are accepted. This is dangerous: many applications cannot ' +
        'distinguish `X_Forwarded_For` from `X-Forwarded-For`, and only the latter is replaced.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'ignore-invalid-headers': {
      parser: bool,
      fallback: true,
      about: 'Client headers whose names contain characters other than letters, digits and `-` are dropped.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
  },
  contribute: (values) => ({
    http: [
      ...(values['enable-underscores-in-headers'] ? [directive('underscores_in_headers', word('on'))] : []),
      ...(values['ignore-invalid-headers'] ? [] : [directive('ignore_invalid_headers', word('off'))]),
    ],
  }),
});
