import type { Parser } from '../../contract/parser.ts';
import { settings } from '../../contract/setting.ts';
import { networks } from '../../values/cidrs.ts';
import { requestHeaderName } from '../../values/header-names.ts';
import { bool } from '../../values/scalars.ts';

const common = { guards: true } as const;
const flag = { ...common, parser: bool, fallback: false, good: ['true', 'false'], bad: ['yes'] } as const;
const header = { ...common, parser: requestHeaderName, bad: ['X Forwarded', 'X:Y'] } as const;

/** Null: none. */
const believedHeader: Parser<string | null> = requestHeaderName;

/** Networks that hold every address of their family. */
const EVERYBODY = ['0.0.0.0/0', '::/0'];

export default settings({
  chapter: 'Client address',
  keys: {
    'use-forwarded-headers': {
      ...flag,
      about:
        'The address of a client, and the scheme, host and port that it used, are those that a trusted peer says in ' +
        '`forwarded-for-header` and X-Forwarded-Proto, -Host and -Port. Off: what arrives is replaced.',
    },
    'enable-real-ip': {
      ...flag,
      about: 'The address of a client, and nothing else, is that of `forwarded-for-header` of a trusted peer.',
    },
    'use-proxy-protocol': {
      ...flag,
      about:
        'Connections to the ports for HTTP and HTTPS begin with a PROXY protocol header (version 1 or 2), others are closed. ' +
        'A trusted peer says there where the client is, and that it came to port 443, which means HTTPS.',
    },
    'forwarded-for-header': {
      ...header,
      parser: believedHeader,
      fallback: 'X-Forwarded-For',
      closed: null,
      holds: 'no header is believed that says where a client is',
      about:
        "The header that holds the client's address, where forwarded headers are believed. What arrives in it is passed on as " +
        'X-Original-Forwarded-For. A name that cannot be read is the last good one; without one no header is believed.',
      good: ['X-Forwarded-For', 'CF-Connecting-IP'],
    },
    'forwarded-for-proxy-protocol-header': {
      ...header,
      fallback: 'X-Forwarded-For-Proxy-Protocol',
      about:
        'With `use-forwarded-headers` and `use-proxy-protocol`: the request header into which the addresses of both are ' +
        'written, and which backends get too. Answers that need no backend are logged with the address of the peer.',
      good: ['X-Forwarded-For-Proxy-Protocol'],
    },
    'forwarded-host-header': {
      ...header,
      fallback: 'X-Forwarded-Host',
      about: 'The header that is passed on as X-Original-Forwarded-Host.',
      good: ['X-Forwarded-Host', 'X-Original-Host'],
    },
    'compute-full-forwarded-for': {
      ...flag,
      about:
        "With `use-forwarded-headers`: X-Forwarded-For to the backend is the received list plus the peer's address.",
    },
    'proxy-real-ip-cidr': {
      ...common,
      parser: networks,
      fallback: ['0.0.0.0/0'],
      closed: [],
      holds: 'nobody is believed who says where a client is',
      about:
        'Peers that are believed where the client is. Set it to the addresses of what stands in front: with the default ' +
        'everybody who reaches these ports says who he is, and a warning says so. What cannot be read is dropped, the others ' +
        'hold. If nothing can be read, the last good list holds; without one nobody is believed.',
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
    const reason = `holds ${everybody}: with ${believed}, whoever reaches these ports chooses the address that he is known by`;
    return { 'proxy-real-ip-cidr': { reason, example: '10.0.0.0/8' } };
  },
});
