import { settings } from '../../contract/setting.ts';
import type { Parser } from '../../contract/parser.ts';
import { networks } from '../../values/cidrs.ts';
import { sourceRanges } from '../../values/source-ranges.ts';

/** Null means that there is no list, so that every source is allowed. */
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
        'Only requests from these sources are served; others get 403. The list applies to Ingresses without a list ' +
        'of their own. Invalid items are dropped; the others apply. If no item is valid, the last good list stays in ' +
        'force; if there is none, nobody is let in.',
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
        'Requests from these sources get 403. The list applies to Ingresses without a list of their own. Invalid ' +
        'items are dropped; the others apply. docs/guards.md says what applies if no item is valid.',
      good: ['192.0.2.0/24,198.51.100.7', '2001:db8::/32'],
      bad: ['192.0.2.0/33', 'office', ','],
    },
  },
  contribute: (values) => ({
    http: sourceRanges(values['whitelist-source-range'], values['denylist-source-range']),
  }),
});
