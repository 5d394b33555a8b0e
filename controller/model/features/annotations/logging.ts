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
        'With false, requests are not written to the access log. What the ConfigMap switches off it does not bring back. ' +
        'Errors that a page of custom-http-errors answers are written all the same.',
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
        'What a `rewrite-target` makes of a path is written to the error log, at the level `notice`. Nothing is where the ' +
        'path does not match.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
    },
  },
  location: (values) => ({
    ...(values['enable-access-log'] === false ? { directives: [directive('access_log', word('off'))] } : {}),
    ...(values['enable-rewrite-log'] === true ? { rewriteLog: true as const } : {}),
  }),
});
