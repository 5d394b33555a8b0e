import type { Parser } from '../../contract/parser.ts';
import { settings } from '../../contract/setting.ts';
import { networks } from '../../values/cidrs.ts';
import { requestHeaderName } from '../../values/header-names.ts';
import { bool } from '../../values/scalars.ts';

const common = { guards: true } as const;
const flag = { ...common, parser: bool, fallback: false, good: ['true', 'false'], bad: ['yes'] } as const;
const header = { ...common, parser: requestHeaderName, bad: ['X Forwarded', 'X:Y'] } as const;

/** Null means that no header is trusted. */
const believedHeader: Parser<string | null> = requestHeaderName;

/** Networks that contain every address of their family. */
const EVERYBODY = ['0.0.0.0/0', '::/0'];

export default settings({
  chapter: 'Client address',
  keys: {
    'use-forwarded-headers': {
      ...flag,
      about:
        "The client's address, and the scheme, host and port that the client used, are taken from " +
        '`forwarded-for-header` and X-Forwarded-Proto, -Host and -Port of a trusted peer. With false, these headers ' +
        'are replaced.',
    },
    'enable-real-ip': {
      ...flag,
      about:
        "The client's address is taken from `forwarded-for-header` of a trusted peer; the scheme, host and port are not.",
    },
    'use-proxy-protocol': {
      ...flag,
      about:
        'Connections to the ports for HTTP and HTTPS must begin with a PROXY protocol header (version 1 or 2); other ' +
        "connections are closed. If the peer is trusted, the client's address is taken from this header, and a " +
        'destination port of 443 means that the client used HTTPS.',
    },
    'forwarded-for-header': {
      ...header,
      parser: believedHeader,
      fallback: 'X-Forwarded-For',
      closed: null,
      holds: 'no header with a client address is trusted',
      about:
        "The header that contains the client's address, if forwarded headers are trusted. The received value is " +
        'passed on as X-Original-Forwarded-For. If the name is invalid, the last good name stays in force; if there ' +
        'is none, no header is trusted.',
      good: ['X-Forwarded-For', 'CF-Connecting-IP'],
    },
    'forwarded-for-proxy-protocol-header': {
      ...header,
      fallback: 'X-Forwarded-For-Proxy-Protocol',
      about:
        'With both `use-forwarded-headers` and `use-proxy-protocol`: the request header in which the addresses from ' +
        'the forwarded header and from the PROXY protocol are combined; backends get this header, too. For responses ' +
        'that need no backend, the address of the peer is logged.',
      good: ['X-Forwarded-For-Proxy-Protocol'],
    },
    'forwarded-host-header': {
      ...header,
      fallback: 'X-Forwarded-Host',
      about: 'The header whose received value is passed on as X-Original-Forwarded-Host.',
      good: ['X-Forwarded-Host', 'X-Original-Host'],
    },
    'compute-full-forwarded-for': {
      ...flag,
      about:
        "With `use-forwarded-headers`: the backend's X-Forwarded-For is the received list plus the peer's address.",
    },
    'proxy-real-ip-cidr': {
      ...common,
      parser: networks,
      fallback: ['0.0.0.0/0'],
      closed: [],
      holds: "no peer is trusted to report the client's address",
      about:
        "Peers that are trusted to report the client's address. Set it to the addresses of the proxies in front of " +
        'NGINX: with the default, anybody who can connect to the ports for HTTP and HTTPS can claim any address, and ' +
        'a warning is reported. Invalid items are dropped; the others apply. If no item is valid, the last good list ' +
        'stays in force; if there is none, no peer is trusted.',
      good: ['10.0.0.0/8', '192.0.2.10,2001:db8::/32'],
      bad: ['loadbalancer', '10.0.0.0/33', ','],
    },
  },
  doubts: (values) => {
    const believed = (['use-forwarded-headers', 'enable-real-ip', 'use-proxy-protocol'] as const).find(
      (name) => values[name],
    );
    const everybody = values['proxy-real-ip-cidr'].find((network) => EVERYBODY.includes(network));
    if (believed === undefined || everybody === undefined) return {};
    const reason =
      `contains ${everybody}: with ${believed}, anybody who can connect to the ports for HTTP and HTTPS can claim ` +
      'any client address';
    return { 'proxy-real-ip-cidr': { reason, example: '10.0.0.0/8' } };
  },
});
