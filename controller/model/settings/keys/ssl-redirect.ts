import { settings } from '../../contract/setting.ts';
import { pathPrefixes } from '../../values/paths.ts';
import { bool, oneWordOf } from '../../values/scalars.ts';

export default settings({
  chapter: 'Redirects',
  keys: {
    'ssl-redirect': {
      parser: bool,
      fallback: true,
      guards: true,
      about: 'Plain HTTP requests to a host that has a certificate are redirected to HTTPS.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
    'force-ssl-redirect': {
      parser: bool,
      fallback: false,
      shut: 'true',
      holds: 'plain HTTP is redirected to HTTPS',
      guards: true,
      about:
        'Plain HTTP requests are redirected to HTTPS even if the host has no certificate. This is useful if a proxy ' +
        'in front of NGINX terminates TLS.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
    'no-tls-redirect-locations': {
      parser: pathPrefixes,
      fallback: ['/.well-known/acme-challenge'],
      closed: [],
      holds: 'no path is exempt',
      guards: true,
      about:
        'Comma-separated path prefixes. Paths of an Ingress that begin with one of them are never redirected to ' +
        'HTTPS. Invalid items are dropped; the others apply. If no item is valid, the last good list stays in force; ' +
        'if there is none, no path is exempt.',
      good: ['/.well-known/acme-challenge,/health'],
      bad: ['health', ','],
    },
    'http-redirect-code': {
      parser: oneWordOf(['301', '302', '307', '308']),
      fallback: '308',
      about: 'Status of redirects to HTTPS and of `from-to-www-redirect`.',
      good: ['301', '308'],
      bad: ['200', '303'],
    },
  },
});
