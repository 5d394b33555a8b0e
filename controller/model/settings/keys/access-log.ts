import { settings } from '../../contract/setting.ts';
import { accessLogParameters } from '../../values/access-log-parameters.ts';
import { accessLogTarget } from '../../values/log-targets.ts';
import { requestUris } from '../../values/request-uris.ts';
import { bool } from '../../values/scalars.ts';

export default settings({
  chapter: 'Logging',
  keys: {
    'access-log-path': {
      parser: accessLogTarget,
      fallback: 'own',
      written: '/var/log/nginx/access.log',
      about:
        'Where requests are logged: a file that NGINX may write, or a syslog server. `/var/log/nginx/access.log` ' +
        "is NGINX's standard output; if NGINX does not run in its own container, it is `run/access.log` in the run " +
        'directory. The controller resolves the name of a syslog server; until the name has an address, the log goes ' +
        'to `/var/log/nginx/access.log`.',
      good: ['/var/log/nginx/access.log', '/logs/access.log', 'syslog:server=192.0.2.1:514,tag=ingress,severity=info'],
      bad: ['access.log', '/logs/../conf/nginx.conf', '/logs/$host.log', 'syslog:server=unix:/dev/log', 'off'],
    },
    'http-access-log-path': {
      parser: accessLogTarget,
      fallback: undefined,
      about: 'Like `access-log-path`, for HTTP requests only; it takes precedence over `access-log-path`.',
      good: ['/logs/http.log', 'syslog:server=[2001:db8::1]:514'],
      bad: ['http.log', 'syslog:server=192.0.2.1:99999'],
    },
    'access-log-params': {
      parser: accessLogParameters,
      fallback: [],
      about:
        'How the access log is written: `buffer=SIZE`, `flush=TIME` and `gzip` or `gzip=LEVEL`, as in nginx. These ' +
        'parameters do not apply to syslog servers. Every worker has its own buffer, so lines are not in ' +
        'chronological order.',
      good: ['buffer=32k flush=1m', 'gzip=4 flush=5s', 'buffer=16k'],
      bad: ['flush=5s', 'buffer=0', 'gzip=10', 'if=$loggable', 'buffer=16k; access_log off'],
    },
    'disable-access-log': {
      parser: bool,
      fallback: false,
      about: 'Nothing is written to the access log.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'disable-http-access-log': {
      parser: bool,
      fallback: false,
      about:
        'HTTP requests are not written to the access log. This has the same effect as `disable-access-log`, because ' +
        'Tidegate does not serve TCP or UDP.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'skip-access-log-urls': {
      parser: requestUris,
      fallback: [],
      about:
        'Comma-separated list of requests that are not written to the access log. Each item is compared with the ' +
        'path and query as the client sent them. An item that begins with `~` is a regular expression (`~*`: ' +
        'case-insensitive); any other item must be equal, ignoring case. Invalid items are dropped; the others ' +
        'apply.',
      good: ['/healthz', '/healthz,/ready?full=1', '~^/assets/', '~*\\.png$'],
      bad: ['healthz', '~(', '~^/(a+)+$'],
    },
    'enable-access-log-for-default-backend': {
      parser: bool,
      fallback: false,
      about:
        'Requests for hosts that no Ingress names are written to the access log. The default backend answers such ' +
        'requests.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
  },
});
