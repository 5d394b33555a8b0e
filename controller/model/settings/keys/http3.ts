import { integer } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { type Facts, type OtherValues, settings } from '../../contract/setting.ts';
import { bool, wholeNumber } from '../../values/scalars.ts';
import { timeUpTo } from '../../values/times.ts';

/** Why HTTP/3 cannot be served, as the end of a sentence that begins with `use-http3`; null if it can. */
function obstacle({ http3Obstacle }: Facts, others: OtherValues): string | null {
  if (http3Obstacle !== null) return http3Obstacle;
  if (!others['ssl-protocols'].includes('TLSv1.3')) return 'needs TLSv1.3, which ssl-protocols does not allow';
  if (others['use-proxy-protocol'])
    return (
      'cannot be combined with use-proxy-protocol: HTTP/3 has no PROXY protocol, so all clients would seem to have the ' +
      'address of the load balancer'
    );
  if (others['ssl-early-data'])
    return 'cannot be combined with ssl-early-data: early data is not accepted over HTTP/3, and both share TLS settings';
  return null;
}

export default settings({
  chapter: 'Client connections',
  keys: {
    'use-http3': {
      parser: bool,
      fallback: false,
      about:
        'Clients may speak HTTP/3 on the UDP port with the number of the TLS port, and responses over TLS tell them so ' +
        'with an Alt-Svc header. This needs an NGINX with HTTP/3 and without known vulnerabilities of HTTP/3, such as ' +
        'that of the image; otherwise, a warning is reported, and HTTP/3 stays off. [http3.md](http3.md) describes the ' +
        'limits.',
      good: ['true', 'false'],
      bad: ['on'],
    },
    'http3-max-age': {
      parser: timeUpTo(31_536_000),
      fallback: 86_400,
      written: '24h',
      about:
        'How long clients may remember that HTTP/3 is available: the `ma` of Alt-Svc. When HTTP/3 is turned off, ' +
        'clients use it no longer than this before they return to TCP; most return at once.',
      good: ['24h', '60'],
      bad: ['soon', '2y'],
    },
    'http3-max-concurrent-streams': {
      parser: wholeNumber(1, 65_535),
      fallback: 128,
      about: 'Maximum number of requests in progress on one HTTP/3 connection.',
      good: ['128', '32'],
      bad: ['0', 'many'],
    },
  },
  reconcile: (
    values,
    facts,
    _made,
    others,
  ): { readonly 'use-http3'?: { readonly value: boolean; readonly reason: string } } => {
    const reason = values['use-http3'] ? obstacle(facts, others) : null;
    return reason === null ? {} : { 'use-http3': { value: false, reason } };
  },
  contribute: (values) => ({
    http: values['use-http3']
      ? [directive('http3_max_concurrent_streams', integer(values['http3-max-concurrent-streams']))]
      : [],
  }),
});
