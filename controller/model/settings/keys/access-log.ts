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
        "Where requests are noted: a file that NGINX may write, or a syslog server. `/var/log/nginx/access.log` is NGINX's " +
        'standard output, or `run/access.log` of the run directory where it has no container of its own. The name of a ' +
        'syslog server is looked up by the controller; until it has an address, requests are noted in the standard place.',
      good: ['/var/log/nginx/access.log', '/logs/access.log', 'syslog:server=192.0.2.1:514,tag=ingress,severity=info'],
      bad: ['access.log', '/logs/../conf/nginx.conf', '/logs/$host.log', 'syslog:server=unix:/dev/log', 'off'],
    },
    'http-access-log-path': {
      parser: accessLogTarget,
      fallback: undefined,
      about: 'The same, in place of access-log-path, for requests over HTTP.',
      good: ['/logs/http.log', 'syslog:server=[2001:db8::1]:514'],
      bad: ['http.log', 'syslog:server=192.0.2.1:99999'],
    },
    'access-log-params': {
      parser: accessLogParameters,
      fallback: [],
      about:
        'How the access log is written: `buffer=SIZE`, `flush=TIME` and `gzip` or `gzip=LEVEL` of nginx. Not for syslog ' +
        'servers. Every worker has a buffer of its own, so that lines are not in the order of time.',
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
      about: 'Requests over HTTP are not written to the access log, which is all that is.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'skip-access-log-urls': {
      parser: requestUris,
      fallback: [],
      about:
        'Requests that are not written to the access log, by path and query as the client sent them: a text, without regard ' +
        'to case, or with `~` (`~*` without regard to case) a regular expression. What is neither is dropped, the others hold.',
      good: ['/healthz', '/healthz,/ready?full=1', '~^/assets/', '~*\\.png$'],
      bad: ['healthz', '~(', '~^/(a+)+$'],
    },
    'enable-access-log-for-default-backend': {
      parser: bool,
      fallback: false,
      about:
        'Requests for hosts that no Ingress names, answered by the default backend, are written to the access log.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
  },
});
