import { settings } from '../../contract/setting.ts';
import { didYouMean } from '../../contract/did-you-mean.ts';
import { isRequestVariable, REQUEST_VARIABLES } from '../../contract/request-variables.ts';
import { logFormat, variablesIn } from '../../values/log-format.ts';
import { isNginxVariable, KNOWN_VARIABLES } from '../../values/nginx-variables.ts';
import { bool, oneWordOf } from '../../values/scalars.ts';

const DEFAULT = [
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
  '$request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr',
  '$upstream_response_length $upstream_response_time $upstream_status $req_id [$tidegate_reason]',
].join(' ');

export default settings({
  chapter: 'Logging',
  keys: {
    'log-format-upstream': {
      parser: logFormat,
      fallback: DEFAULT,
      about:
        'Format of the access log. It may contain nginx variables, variables that snippets of the ConfigMap define, ' +
        'and variables of ingress-nginx: `$namespace`, `$ingress_name`, `$service_name`, `$service_port` and ' +
        '`$location_path` of the path; `$proxy_upstream_name`, and `$proxy_alternative_upstream_name` of a canary; ' +
        '`$req_id`; `$best_http_host`, `$pass_access_scheme`, `$pass_port` and `$pass_server_port`, with the values ' +
        'that are sent to backends; `$the_real_ip`; `$escaped_request_uri`; `$full_x_forwarded_for`. The variables ' +
        'of GeoIP and OpenTelemetry are empty. `$tidegate_tries` is the number of endpoints tried for the request, ' +
        'including the first; it is empty if no endpoint was tried. `$tidegate_reason` says why a request got its ' +
        'response, except if the backend answered with a status below 400; docs/reasons.md lists the reasons. ' +
        '`$tidegate_utf8_request_uri` is the value of `$request_uri` with U+FFFD instead of each byte that is not ' +
        'valid UTF-8; there are such variables for `host`, `http_referer`, `http_user_agent`, ' +
        '`http_x_forwarded_for`, `remote_user` and `req_id`. If the format contains an unknown variable, the default ' +
        'format is used. Quotes and backslashes are interpreted as inside single quotes in nginx.conf; line breaks ' +
        'are kept.',
      good: [
        '$remote_addr "$request" $status',
        '{"host": "$host", "ms": "$request_time"}',
        '$namespace/$ingress_name $status',
      ],
      bad: ['costs $', '${host'],
    },
    'log-format-preset': {
      parser: oneWordOf(['none', 'json', 'ecs']),
      fallback: 'none',
      about:
        'A ready-made format of the access log, instead of log-format-upstream. `json`: one JSON object for each ' +
        'request; `ecs`: JSON with the field names of the Elastic Common Schema. Values are escaped for JSON, and bytes ' +
        'of a client that are not valid UTF-8 are replaced with U+FFFD.',
      good: ['json', 'ecs'],
      bad: ['xml', 'JSON'],
    },
    'expose-reason': {
      parser: bool,
      fallback: false,
      about:
        'Responses get the header `X-Tidegate-Reason` with the value of `$tidegate_reason`, if it is not empty. Turn ' +
        'it on only where clients may know why NGINX refused their requests.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'log-format-escape-json': {
      parser: bool,
      fallback: false,
      about: 'Variables in the access log are escaped for JSON.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'log-format-escape-none': {
      parser: bool,
      fallback: false,
      about: 'Variables in the access log are not escaped. This key takes precedence over log-format-escape-json.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
  },
  reconcile: ({ 'log-format-upstream': format }, _facts, made) => {
    const known = (name: string) => isNginxVariable(name) || isRequestVariable(name) || made.has(name);
    const unknown = [...variablesIn(format)].filter((name) => !known(name));
    const [first] = unknown;
    if (first === undefined) return {};
    const names = unknown.map((name) => `$${name}`).join(', ');
    const meant = didYouMean(first, [...KNOWN_VARIABLES, ...REQUEST_VARIABLES, ...made]).replace('"', '"$');
    const what = unknown.length === 1 ? 'which is not a variable' : 'which are not variables';
    return {
      'log-format-upstream': {
        value: DEFAULT,
        reason: `contains ${names}, ${what} of NGINX or of a snippet of the ConfigMap${meant}; the default format is used`,
      },
    };
  },
});
