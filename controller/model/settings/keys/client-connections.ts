import { bytes, integer, seconds } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { headerBuffers } from '../../values/header-buffers.ts';
import { byteCount, secondsFrom, wholeNumber } from '../../values/scalars.ts';

export default settings({
  chapter: 'Client connections',
  keys: {
    'client-header-buffer-size': {
      parser: byteCount(512, 1024 ** 2),
      fallback: 1024,
      written: '1k',
      about: 'Size of the buffer for the head of a request; a longer head is read into `large-client-header-buffers`.',
      good: ['1k', '4k'],
      bad: ['0', '2m', 'large'],
    },
    'client-header-timeout': {
      parser: secondsFrom(1),
      fallback: 60,
      about: 'Seconds that a client has to send the head of a request.',
      good: ['60', '10'],
      bad: ['0', '60s', '-1'],
    },
    'client-body-timeout': {
      parser: secondsFrom(1),
      fallback: 60,
      about: 'Maximum number of seconds between two reads of a request body.',
      good: ['60', '10'],
      bad: ['0', '60s', '-1'],
    },
    'large-client-header-buffers': {
      parser: headerBuffers,
      fallback: { count: 4, size: 8192 },
      written: '4 8k',
      about:
        'Number and size of the buffers that the head of a request may take. A request line that does not fit into ' +
        'one buffer gets 414; a header line that does not fit into one gets 400. Over HTTP/2, the whole head must ' +
        'fit into all buffers together.',
      good: ['4 8k', '8 16k'],
      bad: ['8k', '0 8k', '4 100', '4 8g'],
    },
    'keep-alive': {
      parser: secondsFrom(0),
      fallback: 75,
      about:
        'Seconds that an idle client connection is kept; 0 closes it after every response, and allows HTTP/2 ' +
        'clients one request per connection.',
      good: ['75', '0'],
      bad: ['75s', '-1'],
    },
    'keep-alive-requests': {
      parser: wholeNumber(0, 2 ** 31 - 1),
      fallback: 1000,
      about: 'Maximum number of requests of a client per connection.',
      good: ['1000', '10000'],
      bad: ['-1', 'all'],
    },
  },
  contribute: (values) => {
    const { count, size } = values['large-client-header-buffers'];
    return {
      http: [
        directive('client_header_buffer_size', bytes(values['client-header-buffer-size'])),
        directive('client_header_timeout', seconds(values['client-header-timeout'])),
        directive('client_body_timeout', seconds(values['client-body-timeout'])),
        directive('large_client_header_buffers', integer(count), bytes(size)),
        directive('keepalive_timeout', seconds(values['keep-alive'])),
        directive('keepalive_requests', integer(values['keep-alive-requests'])),
      ],
    };
  },
});
