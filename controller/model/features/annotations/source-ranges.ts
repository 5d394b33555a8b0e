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
        'Only requests from these networks are served; others get 403. The annotation replaces the list of the ' +
        'ConfigMap. Invalid items are ignored; if no item is valid, the paths answer 503.',
    },
    'denylist-source-range': {
      ...ranges,
      parser: allNetworks,
      setting: 'denylist-source-range',
      about:
        'Requests from these networks get 403, even if an allowlist contains them. The annotation replaces the list ' +
        'of the ConfigMap. If any item is invalid, the paths answer 503.',
    },
  },
  location: (values, { settings }) => {
    const allowed = values['allowlist-source-range'];
    const denied = values['denylist-source-range'];
    // In NGINX, a location with access rules of its own inherits none. So if an Ingress replaces only one of the two
    // lists, the location repeats the other one from the settings.
    if (allowed === undefined && denied === undefined) return {};
    return {
      directives: sourceRanges(
        allowed ?? settings['whitelist-source-range'],
        denied ?? settings['denylist-source-range'],
      ),
    };
  },
});
