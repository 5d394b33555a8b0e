import { settings } from '../../contract/setting.ts';
import { networks } from '../../values/cidrs.ts';
import { bool } from '../../values/scalars.ts';

const verdict = {
  kind: 'no-effect',
  why: 'NGINX looks no names up: the controller does, as its machine is set up',
} as const;

export default settings({
  chapter: 'Balancing and endpoints',
  keys: {
    Resolver: {
      parser: networks,
      fallback: [],
      about: 'Name servers.',
      good: ['10.96.0.10'],
      bad: ['kube-dns'],
      verdict,
    },
    'disable-ipv6-dns': {
      parser: bool,
      fallback: false,
      about: 'Names are not looked up for IPv6 addresses.',
      good: ['true', 'false'],
      bad: ['yes'],
      verdict,
    },
  },
});
