import { literal, variable, word } from '../../../types/conf-value.ts';
import { declaration } from '../../../types/declaration.ts';
import type { LiveBlocked } from '../../../types/live.ts';
import type { Parser } from '../../contract/parser.ts';
import { settings } from '../../contract/setting.ts';
import { blockedHeaders } from '../../values/blocked-headers.ts';
import { networks } from '../../values/cidrs.ts';

/** Null means that no request is refused. */
const headers: Parser<LiveBlocked | null> = blockedHeaders;

export default settings({
  chapter: 'Access',
  keys: {
    'block-cidrs': {
      parser: networks,
      fallback: [],
      shut: '0.0.0.0/0,::/0',
      holds: 'every request gets 403',
      guards: true,
      about:
        'Requests from these networks get 403 on every path, whatever annotations an Ingress has; this is checked ' +
        'before anything else. Invalid items are dropped; the others apply. docs/guards.md says what applies if no ' +
        'item is valid.',
      good: ['192.0.2.0/24,198.51.100.7', '2001:db8::/32'],
      bad: ['192.0.2.0/33', 'office', ','],
    },
    'block-user-agents': {
      parser: headers,
      fallback: null,
      shut: '~^',
      holds: 'every request gets 403',
      guards: true,
      about:
        'Requests with one of these User-Agents get 403 before anything else is checked. A plain item must equal the ' +
        'whole value, ignoring case; a regular expression, which begins with `~`, may match anywhere in the value. ' +
        'NGINX is reloaded when the first of `block-user-agents` and `block-referers` is set, and when the last of ' +
        'them is removed; other changes need no reload. Each list may have up to 200,000 bytes. Invalid items are ' +
        'dropped; the others apply. docs/guards.md says what applies if no item is valid.',
      good: ['curl/7.64.1', '~*(bot|crawler),~^$', '~^Mozilla/4'],
      bad: ['~', '~(', '~(a+)+$', ','],
    },
    'block-referers': {
      parser: headers,
      fallback: null,
      shut: '~^',
      holds: 'every request gets 403',
      guards: true,
      about: 'Like `block-user-agents`, for the header Referer.',
      good: ['https://bad.example.com/', '~*\\.example\\.com/'],
      bad: ['~', '~(', '~(a+)+$', ','],
    },
  },
  contribute: (values) => {
    const blocked = values['block-cidrs'];
    if (blocked.length === 0) return {};
    const entries = blocked.map((network) => [literal(network), word('1')]);
    const lookUp = {
      name: 'geo',
      // The address of the client as it is known at the beginning of a request, before other checks.
      args: [variable('tidegate_client'), variable('tidegate_blocked')],
      entries: [[word('default'), word('0')], ...entries],
    } as const;
    return { declarations: [declaration(lookUp)] };
  },
});
