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
        'ConfigMap (namespace/name) whose entries are sent to every backend as headers, replacing what the client ' +
        "sent and what is sent otherwise; an empty value removes the client's header. Values may contain NGINX " +
        'variables about the request, `$remote_addr` or `$http_x_team`. An entry that is not allowed is reported; ' +
        'its last good value stays in force, or without one it is left out. Changes of the ConfigMap are followed.',
      good: ['ingress-nginx/backend-headers'],
      bad: ['backend-headers', 'a/b/c', 'X-Team: blue'],
    },
    'proxy-add-original-uri-header': {
      parser: bool,
      fallback: false,
      about: 'Backends get X-Original-URI: path and query as the client sent them.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'generate-request-id': {
      parser: bool,
      fallback: true,
      about: 'A request without X-Request-ID gets one, for the backend and for `$req_id` in the access log.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'enable-underscores-in-headers': {
      parser: bool,
      fallback: false,
      about:
        'Client headers whose names contain `_` are accepted. Many applications cannot tell `X_Forwarded_For` from ' +
        '`X-Forwarded-For`, and only the latter is replaced.',
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
