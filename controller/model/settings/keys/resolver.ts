import { settings } from '../../contract/setting.ts';
import { networks } from '../../values/cidrs.ts';
import { bool } from '../../values/scalars.ts';

const verdict = {
  kind: 'no-effect',
  why: 'the controller resolves names, not NGINX, with the name servers of its machine',
} as const;

export default settings({
  chapter: 'Balancing and endpoints',
  keys: {
    Resolver: {
      parser: networks,
      fallback: [],
      about: 'Addresses of name servers.',
      good: ['10.96.0.10'],
      bad: ['kube-dns'],
      verdict,
    },
    'disable-ipv6-dns': {
      parser: bool,
      fallback: false,
      about: 'Names are not resolved to IPv6 addresses.',
      good: ['true', 'false'],
      bad: ['yes'],
      verdict,
    },
  },
});
