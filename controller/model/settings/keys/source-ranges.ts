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
        'Only these sources are served, where an Ingress does not name its own; others get 403. What cannot be read is ' +
        'dropped, the others hold. If nothing can be read, the last good list holds; without one nobody is let in.',
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
        'These sources get 403, where an Ingress does not name its own. What cannot be read is dropped, the others hold; if ' +
        'nothing can be read, see docs/security.md.',
      good: ['192.0.2.0/24,198.51.100.7', '2001:db8::/32'],
      bad: ['192.0.2.0/33', 'office', ','],
    },
  },
  contribute: (values) => ({
    http: sourceRanges(values['whitelist-source-range'], values['denylist-source-range']),
  }),
});
