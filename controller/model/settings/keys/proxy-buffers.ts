import { bytes } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { forEveryModule } from '../../contract/pass-directives.ts';
import { settings } from '../../contract/setting.ts';
import {
  bufferCount,
  bufferDirectives,
  bufferSize,
  busySize,
  fitBuffers,
  misfits,
  standardBuffers,
  tempFileSize,
  wantedBuffers,
} from '../../values/buffers.ts';
import { wholeNumber } from '../../values/scalars.ts';

export default settings({
  chapter: 'Proxying',
  keys: {
    'proxy-buffer-size': {
      parser: bufferSize,
      fallback: 4096,
      written: '4k',
      about: 'Size of a buffer for responses; the head of a response must fit into one buffer.',
      good: ['8k', '16K'],
      bad: ['8b', '1g', '8 pages'],
    },
    'proxy-buffers-number': {
      parser: bufferCount,
      fallback: 4,
      about: 'Number of buffers for a response; each has the size `proxy-buffer-size`.',
      good: ['4', '8'],
      bad: ['1', '-4', 'many'],
    },
    'proxy-busy-buffers-size': {
      parser: busySize,
      fallback: undefined,
      about:
        'How much of a response may be waiting to be sent to the client while the rest is read from the endpoint. ' +
        'NGINX accepts any size between one buffer and all buffers but one. Default: the size of two buffers.',
      good: ['8k', '12k'],
      bad: ['8b', '2g', 'half'],
    },
    'proxy-max-temp-file-size': {
      parser: tempFileSize,
      fallback: 1024 ** 3,
      written: '1024m',
      about: 'Maximum size of the temporary file of a response that does not fit into the buffers; 0: no file.',
      good: ['0', '2g', '64m'],
      bad: ['-1', 'all'],
    },
    'grpc-buffer-size-kb': {
      parser: wholeNumber(0, 1024 ** 2),
      fallback: 0,
      about:
        'Size, in kilobytes, of the buffer for responses of gRPC endpoints; 0: the size is `proxy-buffer-size`. The ' +
        'annotation `proxy-buffer-size` takes precedence.',
      good: ['64', '0'],
      bad: ['64k', '-1'],
    },
  },
  reconcile: (values) => {
    const sizes = wantedBuffers(values);
    const fitting = fitBuffers(sizes);
    const { busy, tempFile } = misfits(sizes, fitting);
    return {
      ...(busy !== undefined && { 'proxy-busy-buffers-size': { value: fitting.busy, reason: busy } }),
      ...(tempFile !== undefined && { 'proxy-max-temp-file-size': { value: fitting.tempFile, reason: tempFile } }),
    };
  },
  contribute: (values) => {
    const all = forEveryModule(bufferDirectives(standardBuffers(values)));
    const grpc = values['grpc-buffer-size-kb'];
    if (grpc === 0) return { http: all };
    const others = all.filter(({ name }) => name !== 'grpc_buffer_size');
    return { http: [...others, directive('grpc_buffer_size', bytes(grpc * 1024))] };
  },
});
