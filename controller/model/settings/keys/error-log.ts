import { word } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { networks } from '../../values/cidrs.ts';
import { errorLogTarget, LOG_LEVELS } from '../../values/log-targets.ts';
import { oneWordOf } from '../../values/scalars.ts';

export default settings({
  chapter: 'Logging',
  keys: {
    'error-log-path': {
      parser: errorLogTarget,
      fallback: 'own',
      written: '/var/log/nginx/error.log',
      about:
        'Where errors of requests are logged: a file that NGINX may write, `stderr` or a syslog server. ' +
        "`/var/log/nginx/error.log` is NGINX's standard error; if NGINX does not run in its own container, it is " +
        '`run/error.log` in the run directory. Messages that are not about requests, for example about the start of ' +
        'NGINX, are always written to `/var/log/nginx/error.log`.',
      good: ['/var/log/nginx/error.log', '/logs/error.log', 'syslog:server=192.0.2.1:514', 'stderr'],
      bad: ['error.log', 'memory:32m', '/logs/../conf/nginx.conf'],
    },
    'error-log-level': {
      parser: oneWordOf(LOG_LEVELS),
      fallback: 'notice',
      about: 'Lowest severity of request errors that are logged.',
      good: ['warn', 'info', 'debug'],
      bad: ['warning', 'NOTICE', '5'],
    },
    'debug-connections': {
      parser: networks,
      fallback: [],
      about:
        'Addresses and networks of clients whose connections are logged at debug level in the error log. What counts ' +
        'is the address from which the connection comes. This key needs an NGINX built with `--with-debug`, such as ' +
        "Debian's. Invalid items are dropped; the others apply.",
      good: ['192.0.2.7', '192.0.2.0/24,2001:db8::/32', '192.0.2.7,a.example.com'],
      bad: ['a.example.com'],
    },
  },
  contribute: (values) => ({
    events: values['debug-connections'].map((network) => directive('debug_connection', word(network))),
  }),
});
