import { annotations } from '../annotation.ts';
import { allNetworks, networks } from '../../values/cidrs.ts';
import { sourceRanges } from '../../values/source-ranges.ts';

const ranges = {
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
      parser: networks,
      aliases: ['whitelist-source-range'],
      setting: 'whitelist-source-range',
      about:
        'Only these sources are served, others get 403. It replaces the list of the ConfigMap. What of it cannot be read ' +
        'lets nobody in; where that is all of it, the paths are closed with 503.',
    },
    'denylist-source-range': {
      ...ranges,
      parser: allNetworks,
      setting: 'denylist-source-range',
      about:
        'These sources get 403, also those that an allowlist lets in. It replaces the list of the ConfigMap. Where ' +
        'one of them cannot be read, the paths are closed with 503.',
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
