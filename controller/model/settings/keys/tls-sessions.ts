import { seconds, word } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { accept, type Parser, reject } from '../../contract/parser.ts';
import { settings } from '../../contract/setting.ts';
import { duration } from '../../values/durations.ts';
import { bool, byteCount, formatBytes } from '../../values/scalars.ts';

const LENGTHS: readonly number[] = [48, 80];

/** The base64 must be canonical, so that the same bytes always have the same text. */
const ticketKey: Parser<string | undefined> = {
  accepts: 'base64 of 48 or 80 bytes',
  parse: (raw) => {
    const bytes = Buffer.from(raw, 'base64');
    if (bytes.toString('base64') !== raw) return reject('is not base64');
    return LENGTHS.includes(bytes.length) ? accept(raw) : reject(`has ${bytes.length} bytes`);
  },
};

export default settings({
  chapter: 'TLS',
  keys: {
    'ssl-session-cache': {
      parser: bool,
      fallback: true,
      about: 'TLS sessions are cached for all workers together, so that returning clients can resume them.',
      good: ['true', 'false'],
      bad: ['on', 'shared:SSL:10m'],
    },
    'ssl-session-cache-size': {
      // nginx refuses a size of less than eight pages; on some processors a page has 64 kB.
      parser: byteCount(512 * 1024, 1024 ** 3),
      fallback: 10 * 1024 ** 2,
      written: '10m',
      about: 'Memory for cached TLS sessions; about 4000 sessions fit into 1 MB.',
      good: ['10m', '512k', '64M'],
      bad: ['1k', '0', 'large'],
    },
    'ssl-session-timeout': {
      parser: duration(1, 604_800),
      fallback: 600,
      written: '10m',
      about:
        'How long a session may be resumed. When a session is resumed, the client certificate is not verified again, ' +
        'so a revocation takes effect only after this time.',
      good: ['10m', '1h 30m', '86400'],
      bad: ['0', '30d', 'soon'],
    },
    'ssl-session-tickets': {
      parser: bool,
      fallback: false,
      about: 'Clients get sessions as encrypted tickets, so that the server need not cache them.',
      good: ['true', 'false'],
      bad: ['on'],
    },
    'ssl-session-ticket-key': {
      parser: ticketKey,
      fallback: undefined,
      secret: true,
      about:
        "Key that encrypts session tickets, so that several replicas accept each other's tickets. If it is absent, " +
        'each NGINX has its own key and renews it from time to time. Anybody who has the key can decrypt the data of ' +
        'resumed sessions.',
      good: [Buffer.alloc(48, 1).toString('base64'), Buffer.alloc(80, 1).toString('base64')],
      bad: ['secret', Buffer.alloc(32, 1).toString('base64')],
    },
  },
  contribute: (values) => ({
    http: [
      values['ssl-session-cache']
        ? directive('ssl_session_cache', word(`shared:tidegate_tls:${formatBytes(values['ssl-session-cache-size'])}`))
        : directive('ssl_session_cache', word('none')),
      directive('ssl_session_timeout', seconds(values['ssl-session-timeout'])),
      directive('ssl_session_tickets', word(values['ssl-session-tickets'] ? 'on' : 'off')),
    ],
  }),
});
