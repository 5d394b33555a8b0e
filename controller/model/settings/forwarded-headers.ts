import { settings } from '../setting.ts';
import { accept, type Parser, reject } from '../parser.ts';
import { cidrs } from '../values/cidrs.ts';
import { bool } from '../values/scalars.ts';

const headerName: Parser<string> = {
  accepts: 'the name of a header',
  parse: (raw) => (/^[A-Za-z][A-Za-z0-9-]*$/.test(raw) ? accept(raw) : reject('is not the name of a header')),
};

export default settings({
  chapter: 'Client address',
  keys: {
    'use-forwarded-headers': {
      parser: bool,
      fallback: false,
      guards: true,
      about: 'X-Forwarded-For, -Proto, -Host and -Port of a trusted peer are believed. Off: what arrives is replaced.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'forwarded-for-header': {
      parser: headerName,
      fallback: 'X-Forwarded-For',
      guards: true,
      about: "The header that holds the client's address, where forwarded headers are believed.",
      good: ['X-Forwarded-For', 'CF-Connecting-IP'],
      bad: ['X Forwarded', 'X:Y'],
    },
    'compute-full-forwarded-for': {
      parser: bool,
      fallback: false,
      about: "X-Forwarded-For to the backend is the received list plus the peer's address.",
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'proxy-real-ip-cidr': {
      parser: cidrs,
      fallback: ['0.0.0.0/0'],
      guards: true,
      about: 'Peers whose forwarded headers are believed. Set it to the addresses of what stands in front.',
      good: ['10.0.0.0/8', '192.0.2.10,2001:db8::/32'],
      bad: ['loadbalancer'],
    },
  },
});
