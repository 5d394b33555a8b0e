import { settings } from '../../contract/setting.ts';
import type { Parser } from '../../contract/parser.ts';
import { networks } from '../../values/cidrs.ts';
import { sourceRanges } from '../../values/source-ranges.ts';

/** Null: there is no list. */
const allowed: Parser<readonly string[] | null> = networks;

export default settings({
  chapter: 'Access',
  keys: {
    'whitelist-source-range': {
      parser: allowed,
      fallback: null,
      closed: [],
      holds: 'nobody is let in (403)',
      guards: true,
      about:
        'Only these sources are served, if an Ingress has no list of its own; others get 403. Invalid items are ' +
        'dropped, the others apply. If no item is valid, the last good list stays in force; if there is none, ' +
        'nobody is let in.',
      good: ['10.0.0.0/8,192.168.1.1', '2001:db8::/32'],
      bad: ['10.0.0.0/33', 'office', ','],
    },
    'denylist-source-range': {
      parser: networks,
      fallback: [],
      shut: '0.0.0.0/0,::/0',
      holds: 'nobody is let in (403)',
      guards: true,
      about:
        'These sources get 403, if an Ingress has no list of its own. Invalid items are dropped, the others apply; ' +
        'if no item is valid, see docs/security.md.',
      good: ['192.0.2.0/24,198.51.100.7', '2001:db8::/32'],
      bad: ['192.0.2.0/33', 'office', ','],
    },
  },
  contribute: (values) => ({
    http: sourceRanges(values['whitelist-source-range'], values['denylist-source-range']),
  }),
});
