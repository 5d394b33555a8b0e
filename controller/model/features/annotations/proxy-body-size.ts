import { size } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { annotations } from '../annotation.ts';
import { byteSize } from '../../values/scalars.ts';

export default annotations({
  group: 'Proxying',
  keys: {
    'proxy-body-size': {
      parser: byteSize,
      setting: 'proxy-body-size',
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: false,
      about: 'Maximum size of a request body; larger ones get 413. 0 disables the check.',
      good: ['8m', '0', '512K', '100b'],
      bad: ['8 megabytes', '-1', '1t'],
    },
  },
  location: (values, { settings }) => {
    const wanted = values['proxy-body-size'];
    if (wanted === undefined || wanted === settings['proxy-body-size']) return {};
    return { directives: [directive('client_max_body_size', size(wanted))] };
  },
});
