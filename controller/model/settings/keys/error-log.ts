import { word } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { networks } from '../../values/cidrs.ts';
import { errorLogTarget, LOG_LEVELS } from '../../values/log-targets.ts';
import { oneOf } from '../../values/scalars.ts';

export default settings({
  chapter: 'Logging',
  keys: {
    'error-log-path': {
      parser: errorLogTarget,
      fallback: 'own',
      written: '/var/log/nginx/error.log',
      about:
        'Where errors of requests are noted: a file that NGINX may write, `stderr` or a syslog server. ' +
        "`/var/log/nginx/error.log` is NGINX's standard error, or `run/error.log` of the run directory where it has no " +
        'container of its own. What NGINX says of itself, its start and its workers, is always written there.',
      good: ['/var/log/nginx/error.log', '/logs/error.log', 'syslog:server=192.0.2.1:514', 'stderr'],
      bad: ['error.log', 'memory:32m', '/logs/../conf/nginx.conf'],
    },
    'error-log-level': {
      parser: oneOf(LOG_LEVELS),
      fallback: 'notice',
      about: 'Least severity of the errors of requests that are noted.',
      good: ['warn', 'info', 'debug'],
      bad: ['warning', 'NOTICE', '5'],
    },
    'debug-connections': {
      parser: networks,
      fallback: [],
      about:
        'Clients whose connections are noted in the error log in every detail, by the address that they connect from. It ' +
        'takes an NGINX that was built with `--with-debug`, as that of Debian was. Items that are not addresses are ignored, the ' +
        'others hold.',
      good: ['192.0.2.7', '192.0.2.0/24,2001:db8::/32', '192.0.2.7,a.example.com'],
      bad: ['a.example.com'],
    },
  },
  contribute: (values) => ({
    events: values['debug-connections'].map((network) => directive('debug_connection', word(network))),
  }),
});
