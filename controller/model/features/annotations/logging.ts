import { word } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { annotations } from '../annotation.ts';
import { bool } from '../../values/scalars.ts';

export default annotations({
  group: 'Logging',
  keys: {
    'enable-access-log': {
      parser: bool,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: false,
      about:
        'With false, requests are not written to the access log. True does not enable an access log that the ' +
        'ConfigMap disables. Errors that `custom-http-errors` handles are always logged.',
      good: ['true', 'false'],
      bad: ['off', 'no'],
    },
    'enable-rewrite-log': {
      parser: bool,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: true,
      about:
        'The result of `rewrite-target` for a request is written to the error log, at the level `notice`. Paths ' +
        'that do not match are not logged.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
    },
  },
  location: (values) => ({
    ...(values['enable-access-log'] === false ? { directives: [directive('access_log', word('off'))] } : {}),
    ...(values['enable-rewrite-log'] === true ? { rewriteLog: true as const } : {}),
  }),
});
