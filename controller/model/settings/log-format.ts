import { settings } from '../setting.ts';
import { logFormat } from '../values/log-format.ts';
import { bool } from '../values/scalars.ts';

const DEFAULT = [
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
  '$request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr',
  '$upstream_response_length $upstream_response_time $upstream_status $req_id',
].join(' ');

export default settings({
  chapter: 'Logging',
  keys: {
    'log-format-upstream': {
      parser: logFormat,
      fallback: DEFAULT,
      about:
        'Format of the access log, with variables of nginx. `$tidegate_tries` is how many endpoints were tried for the ' +
        'request, the first one included; nothing where it took none.',
      good: ['$remote_addr "$request" $status', '{"host": "$host", "ms": "$request_time"}'],
      bad: ['two\nlines'],
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
      about: 'Variables in the access log are not escaped; goes before log-format-escape-json.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
  },
});
