/** Parsers for MIME types. */
import { accept, type Parser, reject } from '../contract/parser.ts';
import { listOf, unique } from './list.ts';

const TYPE = /^[a-z0-9][a-z0-9.+_-]*\/[a-z0-9*][a-z0-9.+_-]*$/;
const LONGEST = 100;

export const mediaType: Parser<string> = {
  accepts: 'a MIME type',
  parse: (raw) => {
    const type = raw.toLowerCase();
    return TYPE.test(type) && !type.includes('*') && type.length <= LONGEST
      ? accept(type)
      : reject('is not a MIME type');
  },
};

/** MIME types to be compressed; text/html is removed from the list, because it is always compressed. */
export const mediaTypes: Parser<readonly string[]> = listOf({
  accepts: 'MIME types separated by spaces, or *',
  separator: /\s+/,
  item: (text) => (text === '*' ? accept(text) : mediaType.parse(text)),
  value: (types) => (types.includes('*') ? ['*'] : unique(types).filter((type) => type !== 'text/html')),
});

/** The types that ingress-nginx compresses by default. */
export const COMPRESSED: readonly string[] = [
  'application/atom+xml',
  'application/javascript',
  'application/x-javascript',
  'application/json',
  'application/rss+xml',
  'application/vnd.ms-fontobject',
  'application/x-font-ttf',
  'application/x-web-app-manifest+json',
  'application/xhtml+xml',
  'application/xml',
  'font/opentype',
  'image/svg+xml',
  'image/x-icon',
  'text/css',
  'text/javascript',
  'text/plain',
  'text/x-component',
];
