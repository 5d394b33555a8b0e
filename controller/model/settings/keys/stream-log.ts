import { settings } from '../../contract/setting.ts';
import { accessLogTarget } from '../../values/log-targets.ts';
import { logFormat } from '../../values/log-format.ts';
import { bool } from '../../values/scalars.ts';

export default settings({
  chapter: 'Layer 4',
  keys: {
    'stream-access-log-path': {
      parser: accessLogTarget,
      fallback: undefined,
      about: 'Where connections of TCP and UDP services are logged, instead of access-log-path.',
      good: ['/logs/stream.log', 'syslog:server=192.0.2.1:514'],
      bad: ['stream.log', '/logs/$remote_addr'],
    },
    'log-format-stream': {
      parser: logFormat,
      fallback: '[$remote_addr] [$time_local] $protocol $status $bytes_sent $bytes_received $session_time',
      about: 'Format of the log of connections, with nginx variables.',
      good: ['$remote_addr $status'],
      bad: ['costs $'],
    },
    'disable-stream-access-log': {
      parser: bool,
      fallback: false,
      about: 'Connections of TCP and UDP services are not written to a log.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
  },
});
