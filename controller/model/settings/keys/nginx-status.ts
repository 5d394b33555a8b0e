import { settings } from '../../contract/setting.ts';
import { networks } from '../../values/cidrs.ts';

export default settings({
  chapter: 'Access',
  keys: {
    'nginx-status-ipv4-whitelist': {
      parser: networks,
      fallback: ['127.0.0.1'],
      closed: [],
      holds: 'this list lets nobody in (403)',
      guards: true,
      about:
        "Sources that may read NGINX's own counters at `/nginx_status` on the status port. Invalid items are " +
        'dropped; the others apply.',
      good: ['127.0.0.1,10.0.0.0/8'],
      bad: ['monitoring', '10.0.0.0/33', ','],
    },
    'nginx-status-ipv6-whitelist': {
      parser: networks,
      fallback: ['::1'],
      closed: [],
      holds: 'this list lets nobody in (403)',
      guards: true,
      about: 'Like `nginx-status-ipv4-whitelist`; both lists may contain IPv4 and IPv6 sources.',
      good: ['::1,2001:db8::/32'],
      bad: ['monitoring', '2001:db8::/129', ','],
    },
  },
});
