import { size } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { byteSize } from '../../values/scalars.ts';

export default settings({
  chapter: 'Proxying',
  keys: {
    'proxy-body-size': {
      parser: byteSize,
      fallback: '1m',
      about: 'Maximum size of a request body; requests with a larger body get 413. 0 disables the check.',
      good: ['8m', '0', '512K'],
      bad: ['8 megabytes', '-1', '1t'],
    },
  },
  contribute: (values) => ({ http: [directive('client_max_body_size', size(values['proxy-body-size']))] }),
});
