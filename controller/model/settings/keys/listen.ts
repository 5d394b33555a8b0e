import { settings } from '../../contract/setting.ts';
import { ipAddresses } from '../../values/addresses.ts';
import { bool } from '../../values/scalars.ts';
import { timeUpTo } from '../../values/times.ts';

const addresses = {
  guards: true,
  fallback: [],
  shut: '127.0.0.1',
  holds: 'requests are accepted only on the loopback address',
  good: ['10.0.0.5', '10.0.0.5,2001:db8::5'],
} as const;
const bad = ['eth0', '10.0.0.0/8'];

export default settings({
  chapter: 'Listening',
  keys: {
    'bind-address': {
      ...addresses,
      parser: ipAddresses(),
      about:
        'Addresses on which requests are accepted; if absent, all. NGINX listens on every address. If a connection ' +
        'is to an address that is not in the list, NGINX closes it without a response. Therefore the list can change ' +
        'at run time, and it may contain an address that the machine does not always have.',
      bad,
    },
    'bind-address-ipv4': {
      ...addresses,
      parser: ipAddresses('ipv4'),
      about: 'Replaces the IPv4 addresses of `bind-address`.',
      good: ['10.0.0.5'],
      bad: [...bad, '2001:db8::5'],
    },
    'bind-address-ipv6': {
      ...addresses,
      parser: ipAddresses('ipv6'),
      shut: '::1',
      about: 'Replaces the IPv6 addresses of `bind-address`; brackets are optional.',
      good: ['2001:db8::5', '[2001:db8::5]'],
      bad: [...bad, '10.0.0.5'],
    },
    'disable-ipv6': {
      parser: bool,
      fallback: false,
      about: 'Requests on IPv6 addresses are not accepted.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'reuse-port': {
      parser: bool,
      fallback: true,
      about: 'Each worker has its own listening socket.',
      good: ['true', 'false'],
      bad: ['yes'],
      verdict: {
        kind: 'no-effect',
        why: 'workers accept connections from one socket, so that no connection waits for a busy worker',
      },
    },
    'proxy-protocol-header-timeout': {
      parser: timeUpTo(86_400),
      fallback: 5,
      written: '5s',
      about:
        'With `--enable-ssl-passthrough`, seconds within which the PROXY protocol header of a TLS connection must arrive. ' +
        'For other connections, `client-header-timeout` applies to the header.',
      good: ['5s', '1m30s'],
      bad: ['soon', '0'],
    },
  },
});
