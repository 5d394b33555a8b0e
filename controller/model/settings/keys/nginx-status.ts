import { settings } from '../../contract/setting.ts';
import { networks } from '../../values/cidrs.ts';

export default settings({
  chapter: 'Access',
  keys: {
    'nginx-status-ipv4-whitelist': {
      parser: networks,
      fallback: ['127.0.0.1'],
      closed: [],
      holds: 'nobody of this list is let in (403)',
      guards: true,
      about:
        "Sources that may read `/nginx_status` of the status port, NGINX's own counters. What cannot be read is dropped, " +
        'the others hold.',
      good: ['127.0.0.1,10.0.0.0/8'],
      bad: ['monitoring', '10.0.0.0/33', ','],
    },
    'nginx-status-ipv6-whitelist': {
      parser: networks,
      fallback: ['::1'],
      closed: [],
      holds: 'nobody of this list is let in (403)',
      guards: true,
      about: 'The same; the two lists are one.',
      good: ['::1,2001:db8::/32'],
      bad: ['monitoring', '2001:db8::/129', ','],
    },
  },
});
