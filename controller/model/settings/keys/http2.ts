import { integer } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { byteSize, bool, wholeNumber } from '../../values/scalars.ts';

const HEAD = 'NGINX bounds the heads of all requests alike, by large-client-header-buffers';

export default settings({
  chapter: 'Client connections',
  keys: {
    'use-http2': {
      parser: bool,
      fallback: true,
      about: 'Clients may speak HTTP/2 on the TLS port.',
      good: ['true', 'false'],
      bad: ['on'],
    },
    'http2-max-concurrent-streams': {
      parser: wholeNumber(1, 65_535),
      fallback: 128,
      about: 'Requests that may be under way on one HTTP/2 connection.',
      good: ['128', '32'],
      bad: ['0', 'many'],
    },
    'http2-max-field-size': {
      parser: byteSize,
      fallback: '',
      about: 'Size of one header over HTTP/2, in an NGINX before 1.19.7.',
      good: ['4k'],
      bad: ['large'],
      verdict: { kind: 'no-effect', why: HEAD },
    },
    'http2-max-header-size': {
      parser: byteSize,
      fallback: '',
      about: 'Size of all headers of a request over HTTP/2, in an NGINX before 1.19.7.',
      good: ['16k'],
      bad: ['large'],
      verdict: { kind: 'no-effect', why: HEAD },
    },
    'http2-max-requests': {
      parser: wholeNumber(0, 2 ** 31 - 1),
      fallback: 0,
      about: 'Requests of one HTTP/2 connection, in an NGINX before 1.19.7.',
      good: ['0', '10000'],
      bad: ['-1', 'many'],
      verdict: {
        kind: 'no-effect',
        why: 'NGINX bounds the requests of all connections of clients alike, by keep-alive-requests',
      },
    },
  },
  contribute: (values) => ({
    http: [directive('http2_max_concurrent_streams', integer(values['http2-max-concurrent-streams']))],
  }),
});
