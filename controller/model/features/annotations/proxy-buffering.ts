import { bytes, word } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { annotations } from '../annotation.ts';
import { excess } from '../../contract/bounds.ts';
import { passDirective } from '../../contract/pass-directives.ts';
import { byteCount, oneWordOf } from '../../values/scalars.ts';

const common = { onInvalid: 'ignored', scope: 'location', risk: 'low', live: false } as const;

export default annotations({
  group: 'Proxying',
  keys: {
    'client-body-buffer-size': {
      ...common,
      parser: byteCount(1, 1024 ** 3),
      setting: 'client-body-buffer-size',
      about:
        'Maximum size of a request body that is kept in memory, at most `--max-buffer-bytes`; a larger body goes ' +
        'into a temporary file.',
      good: ['16k', '1M', '8192b'],
      bad: ['0', '-1', 'large'],
    },
    'proxy-buffering': {
      ...common,
      parser: oneWordOf(['on', 'off']),
      setting: 'proxy-buffering',
      about:
        'With `on`, responses are read from the endpoint as fast as the endpoint sends them, even if the client ' +
        'reads more slowly; small pieces are delayed and combined. gRPC is never buffered.',
      good: ['on', 'off'],
      bad: ['true', 'ON'],
    },
    'proxy-request-buffering': {
      ...common,
      parser: oneWordOf(['on', 'off']),
      setting: 'proxy-request-buffering',
      about:
        'With `on`, a request is passed on only once its whole body has arrived. With `off`, it is passed on at ' +
        'once, and cannot be retried at another endpoint once part of its body has been sent. gRPC is never ' +
        'buffered.',
      good: ['on', 'off'],
      bad: ['false', 'OFF'],
    },
  },
  location: (values, { settings, flags, annotationField, report }) => {
    const wanted = values['client-body-buffer-size'];
    const reason =
      wanted === undefined ? undefined : excess('bufferBytes', wanted, flags.bounds, 'lets one request take');
    if (reason !== undefined)
      report({
        code: 'bound-exceeded',
        severity: 'warning',
        effect: 'none',
        field: annotationField('client-body-buffer-size'),
        message: `client-body-buffer-size ${reason}; ${flags.bounds.bufferBytes} bytes are used`,
      });
    const size = wanted === undefined ? undefined : Math.min(wanted, flags.bounds.bufferBytes);
    const [buffering, whole] = [values['proxy-buffering'], values['proxy-request-buffering']];
    return {
      ...(size !== undefined &&
        size !== settings['client-body-buffer-size'] && {
          directives: [directive('client_body_buffer_size', bytes(size))],
        }),
      pass: [
        ...(buffering === undefined || buffering === settings['proxy-buffering']
          ? []
          : [passDirective('buffering', word(buffering))]),
        ...(whole === undefined || whole === settings['proxy-request-buffering']
          ? []
          : [passDirective('request_buffering', word(whole))]),
      ],
    };
  },
});
