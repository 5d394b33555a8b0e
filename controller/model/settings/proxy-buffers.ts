import { forEveryModule } from '../pass-directives.ts';
import { settings } from '../setting.ts';
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
} from '../values/buffers.ts';

export default settings({
  chapter: 'Proxying',
  keys: {
    'proxy-buffer-size': {
      parser: bufferSize,
      fallback: 4096,
      written: '4k',
      about: 'Size of a buffer for the answer of an endpoint; its head has to fit into one.',
      good: ['8k', '16K'],
      bad: ['8b', '1g', '8 pages'],
    },
    'proxy-buffers-number': {
      parser: bufferCount,
      fallback: 4,
      about: 'Number of buffers for an answer, of proxy-buffer-size each.',
      good: ['4', '8'],
      bad: ['1', '-4', 'many'],
    },
    'proxy-busy-buffers-size': {
      parser: busySize,
      fallback: undefined,
      about:
        'How much of an answer may be on its way to the client while the rest is read: from one buffer to all but one. ' +
        'Without it two buffers.',
      good: ['8k', '12k'],
      bad: ['8b', '2g', 'half'],
    },
    'proxy-max-temp-file-size': {
      parser: tempFileSize,
      fallback: 1024 ** 3,
      written: '1024m',
      about: 'Largest temporary file of an answer that does not fit into the buffers; 0 is none.',
      good: ['0', '2g', '64m'],
      bad: ['-1', 'all'],
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
  contribute: (values) => ({ http: forEveryModule(bufferDirectives(standardBuffers(values))) }),
});
