import { settings } from '../../contract/setting.ts';
import { syslogHost } from '../../values/log-targets.ts';
import { bool, wholeNumber } from '../../values/scalars.ts';

export default settings({
  chapter: 'Logging',
  keys: {
    'enable-syslog': {
      parser: bool,
      fallback: false,
      about:
        'Access log and error log go to the syslog server of `syslog-host` over UDP, instead of `access-log-path` ' +
        'and `error-log-path`.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'syslog-host': {
      parser: syslogHost,
      fallback: undefined,
      about:
        'Address or DNS name of the syslog server. The controller resolves a DNS name, and follows changes to its ' +
        "address; until the name has an address, logs go to NGINX's default logs.",
      good: ['192.0.2.1', '2001:db8::1', 'syslog.logging.svc.cluster.local'],
      bad: ['192.0.2.1:514', 'unix:/dev/log', '192.0.2', 'a b'],
    },
    'syslog-port': {
      parser: wholeNumber(1, 65_535, 'a port'),
      fallback: 514,
      about: 'Port of the syslog server.',
      good: ['514', '1514'],
      bad: ['0', '65536', 'syslog'],
    },
  },
  reconcile: (values) =>
    values['enable-syslog'] && values['syslog-host'] === undefined
      ? { 'enable-syslog': { value: false, reason: 'needs a syslog-host, and is ignored without one' } }
      : {},
});
