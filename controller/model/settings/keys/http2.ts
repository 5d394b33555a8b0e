import { integer } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { byteSize, bool, wholeNumber } from '../../values/scalars.ts';

const HEAD = 'large-client-header-buffers limits the heads of all requests, including those over HTTP/2';

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
      about: 'Maximum number of requests in progress on one HTTP/2 connection.',
      good: ['128', '32'],
      bad: ['0', 'many'],
    },
    'http2-max-field-size': {
      parser: byteSize,
      fallback: '',
      about: 'Maximum size of one header over HTTP/2, in NGINX before 1.19.7.',
      good: ['4k'],
      bad: ['large'],
      verdict: { kind: 'no-effect', why: HEAD },
    },
    'http2-max-header-size': {
      parser: byteSize,
      fallback: '',
      about: 'Maximum size of all headers of a request over HTTP/2, in NGINX before 1.19.7.',
      good: ['16k'],
      bad: ['large'],
      verdict: { kind: 'no-effect', why: HEAD },
    },
    'http2-max-requests': {
      parser: wholeNumber(0, 2 ** 31 - 1),
      fallback: 0,
      about: 'Maximum number of requests per HTTP/2 connection, in NGINX before 1.19.7.',
      good: ['0', '10000'],
      bad: ['-1', 'many'],
      verdict: {
        kind: 'no-effect',
        why: 'keep-alive-requests limits the number of requests per connection, including connections over HTTP/2',
      },
    },
  },
  contribute: (values) => ({
    http: [directive('http2_max_concurrent_streams', integer(values['http2-max-concurrent-streams']))],
  }),
});
