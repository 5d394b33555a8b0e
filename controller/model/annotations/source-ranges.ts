import { annotations } from '../annotation.ts';
import { cidrs } from '../values/cidrs.ts';
import { sourceRanges } from '../values/source-ranges.ts';

const ranges = {
  parser: cidrs,
  onInvalid: 'denied',
  emptyIsInvalid: true,
  scope: 'location',
  risk: 'medium',
  live: false,
  good: ['10.0.0.0/8, 192.168.1.1', '2001:db8::/32'],
  bad: ['10.0.0.0/33', 'office', '10.0.0.0/8;deny'],
} as const;

export default annotations({
  group: 'Access control',
  keys: {
    'allowlist-source-range': {
      ...ranges,
      aliases: ['whitelist-source-range'],
      setting: 'whitelist-source-range',
      about:
        'Only these sources are served, others get 403. It replaces the list of the ConfigMap. A list that cannot be ' +
        'read closes the paths with 503.',
    },
    'denylist-source-range': {
      ...ranges,
      setting: 'denylist-source-range',
      about:
        'These sources get 403, also those that an allowlist lets in. It replaces the list of the ConfigMap. A list that ' +
        'cannot be read closes the paths with 503.',
    },
  },
  location: (values, { settings }) => {
    const allowed = values['allowlist-source-range'];
    const denied = values['denylist-source-range'];
    // The two lists of the settings are inherited, or neither: NGINX knows no other way.
    if (allowed === undefined && denied === undefined) return {};
    return {
      directives: sourceRanges(
        allowed ?? settings['whitelist-source-range'],
        denied ?? settings['denylist-source-range'],
      ),
    };
  },
});
