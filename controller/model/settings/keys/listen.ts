import { settings } from '../../contract/setting.ts';
import { ipAddresses } from '../../values/addresses.ts';
import { bool } from '../../values/scalars.ts';
import { timeUpTo } from '../../values/times.ts';

const addresses = {
  guards: true,
  fallback: [],
  shut: '127.0.0.1',
  holds: 'requests are taken on the loopback address only',
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
        'Addresses on which requests are taken; without them all. NGINX has the ports on every address, and closes connections ' +
        'to others without an answer: so the list can change while it runs, and name an address that comes and goes.',
      bad,
    },
    'bind-address-ipv4': {
      ...addresses,
      parser: ipAddresses('ipv4'),
      about: 'In place of the IPv4 addresses of `bind-address`.',
      good: ['10.0.0.5'],
      bad: [...bad, '2001:db8::5'],
    },
    'bind-address-ipv6': {
      ...addresses,
      parser: ipAddresses('ipv6'),
      shut: '::1',
      about: 'In place of the IPv6 addresses of `bind-address`; with brackets or without.',
      good: ['2001:db8::5', '[2001:db8::5]'],
      bad: [...bad, '10.0.0.5'],
    },
    'disable-ipv6': {
      parser: bool,
      fallback: false,
      about: 'Requests are not taken on IPv6 addresses.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'reuse-port': {
      parser: bool,
      fallback: true,
      about: 'Each worker has a listening socket of its own.',
      good: ['true', 'false'],
      bad: ['yes'],
      verdict: {
        kind: 'no-effect',
        why: 'workers take connections from one socket, so that none waits for a worker that is busy',
      },
    },
    'proxy-protocol-header-timeout': {
      parser: timeUpTo(86_400),
      fallback: 5,
      written: '5s',
      about: 'How long the PROXY protocol header of a connection may take that TLS passthrough has taken.',
      good: ['5s', '1m30s'],
      bad: ['soon', '0'],
      verdict: {
        kind: 'later',
        why: 'it is that of TLS passthrough; elsewhere client-header-timeout bounds the header',
      },
    },
  },
});
