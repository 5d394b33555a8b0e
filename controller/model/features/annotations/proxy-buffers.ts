import { annotations } from '../annotation.ts';
import {
  boundBuffers,
  bufferCount,
  bufferDirectives,
  bufferSize,
  busySize,
  fitBuffers,
  misfits,
  standardBuffers,
  tempFileSize,
} from '../../values/buffers.ts';

const common = { onInvalid: 'ignored', scope: 'location', risk: 'low', live: false } as const;

export default annotations({
  group: 'Proxying',
  keys: {
    'proxy-buffer-size': {
      ...common,
      parser: bufferSize,
      setting: 'proxy-buffer-size',
      about:
        'Size of a buffer for responses. If the head of a response does not fit into one buffer, the client gets 502.',
      good: ['8k', '16K'],
      bad: ['8b', '1g', '8 pages'],
    },
    'proxy-buffers-number': {
      ...common,
      parser: bufferCount,
      setting: 'proxy-buffers-number',
      about:
        'Number of buffers for a response. Each has the size proxy-buffer-size, and together they take at most ' +
        '`--max-buffer-bytes`. It applies only with proxy-buffering.',
      good: ['4', '8'],
      bad: ['1', '-4', 'many'],
    },
    'proxy-busy-buffers-size': {
      ...common,
      parser: busySize,
      setting: 'proxy-busy-buffers-size',
      about:
        'How much of a response may be in transit to the client while the rest is read. NGINX accepts any size ' +
        'between one buffer and all buffers but one; any other size is reported, and the nearest accepted size is ' +
        'used. Default: the size of two buffers.',
      good: ['8k', '12k'],
      bad: ['8b', '2g', 'half'],
    },
    'proxy-max-temp-file-size': {
      ...common,
      parser: tempFileSize,
      setting: 'proxy-max-temp-file-size',
      about:
        'Maximum size of the temporary file of a response that does not fit into the buffers; 0: no file. It applies ' +
        'only with proxy-buffering. A size above 0 but below that of one buffer is reported, and the size of one ' +
        'buffer is used.',
      good: ['0', '2g', '64m'],
      bad: ['-1', 'all'],
    },
  },
  location: (values, { settings, flags, annotationField, report }) => {
    if (Object.values(values).every((value) => value === undefined)) return {};
    const busy = values['proxy-busy-buffers-size'];
    const tempFile = values['proxy-max-temp-file-size'];
    const wanted = {
      size: values['proxy-buffer-size'] ?? settings['proxy-buffer-size'],
      count: values['proxy-buffers-number'] ?? settings['proxy-buffers-number'],
      busy: busy ?? settings['proxy-busy-buffers-size'],
      tempFile: tempFile ?? settings['proxy-max-temp-file-size'],
    };
    const own = values['proxy-buffer-size'] !== undefined || values['proxy-buffers-number'] !== undefined;
    const bounded = own ? boundBuffers(wanted, flags.bounds.bufferBytes) : { buffers: wanted };
    const fitting = fitBuffers(bounded.buffers);
    const wrong = misfits(bounded.buffers, fitting);
    const complain = (name: string, reason: string | undefined) => {
      if (reason === undefined) return;
      const message = `${name} ${reason}`;
      report({ code: 'buffers', severity: 'warning', effect: 'corrected-key', field: annotationField(name), message });
    };
    complain(values['proxy-buffer-size'] === undefined ? 'proxy-buffers-number' : 'proxy-buffer-size', bounded.size);
    complain(
      values['proxy-buffers-number'] === undefined ? 'proxy-buffer-size' : 'proxy-buffers-number',
      bounded.count,
    );
    // If the ConfigMap's value conflicts with the sizes of this Ingress, no Problem is reported: nobody needs to act.
    if (busy !== undefined) complain('proxy-busy-buffers-size', wrong.busy);
    if (tempFile !== undefined) complain('proxy-max-temp-file-size', wrong.tempFile);
    return { pass: bufferDirectives(fitting, standardBuffers(settings)) };
  },
});
