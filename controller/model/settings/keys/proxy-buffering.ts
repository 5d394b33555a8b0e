import { bytes, word } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { forEveryModule, passDirective } from '../../contract/pass-directives.ts';
import { settings } from '../../contract/setting.ts';
import { byteCount, oneWordOf } from '../../values/scalars.ts';

export default settings({
  chapter: 'Proxying',
  keys: {
    'client-body-buffer-size': {
      parser: byteCount(1, 1024 ** 3),
      fallback: 8192,
      written: '8k',
      about: 'Maximum size of a request body that is kept in memory; a larger body goes into a temporary file.',
      good: ['16k', '1M', '8192b'],
      bad: ['0', '-1', 'large'],
    },
    'proxy-buffering': {
      parser: oneWordOf(['on', 'off']),
      fallback: 'off',
      about:
        'Responses are read from the endpoint as fast as the endpoint sends them, not only as fast as the client ' +
        'reads them.',
      good: ['on', 'off'],
      bad: ['true', 'ON'],
    },
    'proxy-request-buffering': {
      parser: oneWordOf(['on', 'off']),
      fallback: 'on',
      about: 'A request is passed on only after its whole body has arrived.',
      good: ['on', 'off'],
      bad: ['false', 'OFF'],
    },
  },
  contribute: (values) => ({
    http: [
      directive('client_body_buffer_size', bytes(values['client-body-buffer-size'])),
      ...forEveryModule([
        passDirective('buffering', word(values['proxy-buffering'])),
        passDirective('request_buffering', word(values['proxy-request-buffering'])),
      ]),
    ],
  }),
});
