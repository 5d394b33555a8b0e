/**
 * Parsers for cipher lists of OpenSSL (ciphers(1)). nginx refuses its whole configuration if a list selects no cipher
 * that its OpenSSL knows. A list is accepted if it certainly selects one of the ciphers below, which every OpenSSL of
 * the last ten years has. As in OpenSSL, unknown words select nothing.
 */
import { notOneWord } from '../../types/conf-word.ts';
import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';

/**
 * Key exchange at the beginning of a cipher's name (`RSA` is omitted in names) → the words of a list that select it.
 */
const EXCHANGES: Readonly<Record<string, readonly string[]>> = {
  'ECDHE-ECDSA': ['kEECDH', 'kECDHE', 'ECDH', 'ECDHE', 'EECDH', 'aECDSA', 'ECDSA'],
  'ECDHE-RSA': ['kEECDH', 'kECDHE', 'ECDH', 'ECDHE', 'EECDH', 'aRSA'],
  'DHE-RSA': ['kEDH', 'kDHE', 'DH', 'DHE', 'EDH', 'aRSA'],
  RSA: ['kRSA', 'RSA', 'aRSA'],
};

/** The rest of a cipher's name → the words of a list that select it. */
const ENCRYPTIONS: Readonly<Record<string, readonly string[]>> = {
  'AES128-GCM-SHA256': ['AES128', 'AES', 'AESGCM', 'TLSv1.2'],
  'AES256-GCM-SHA384': ['AES256', 'AES', 'AESGCM', 'TLSv1.2'],
  'CHACHA20-POLY1305': ['CHACHA20', 'TLSv1.2'],
  'AES128-SHA': ['AES128', 'AES', 'SHA', 'SHA1'],
  'AES256-SHA': ['AES256', 'AES', 'SHA', 'SHA1'],
};

/** The words for the first protocol version that has the cipher; TLS 1.2 is already in `ENCRYPTIONS`. */
function oldest(exchange: string, encryption: string): readonly string[] {
  if (!encryption.endsWith('-SHA')) return [];
  return exchange.startsWith('ECDHE') ? ['TLSv1.0', 'TLSv1'] : ['SSLv3'];
}

/** For each cipher, the words that select it, including its own name. */
const CIPHERS: readonly ReadonlySet<string>[] = Object.entries(EXCHANGES).flatMap(([exchange, by]) =>
  Object.entries(ENCRYPTIONS)
    .filter(([encryption]) => exchange !== 'RSA' || encryption !== 'CHACHA20-POLY1305')
    .map(([encryption, also]) => {
      const name = exchange === 'RSA' ? encryption : `${exchange}-${encryption}`;
      return new Set([name, 'ALL', 'HIGH', 'DEFAULT', ...by, ...also, ...oldest(exchange, encryption)]);
    }),
);

/** An element of a list: an optional operator, and words that must all apply to a cipher. */
const ELEMENT = /^([!+-]?)([A-Za-z0-9][A-Za-z0-9_-]*(?:\+[A-Za-z0-9][A-Za-z0-9_-]*)*)$/;

/**
 * Whether a list selects the cipher with these words. An element with `!` removes the cipher permanently; one with `-`
 * removes it until a later element selects it again.
 */
function selects(elements: readonly (readonly [string, readonly string[]])[], cipher: ReadonlySet<string>): boolean {
  let selected = false;
  for (const [operator, words] of elements) {
    if (!words.every((word) => cipher.has(word))) continue;
    if (operator === '!') return false;
    if (operator === '-') selected = false;
    else if (operator === '') selected = true;
  }
  return selected;
}

/** The elements of a list; undefined if the text is not a list. */
function read(list: readonly string[]): readonly (readonly [string, readonly string[]])[] | undefined {
  const elements: (readonly [string, readonly string[]])[] = [];
  for (const [at, text] of list.entries()) {
    if (text === '') continue;
    const [, operator = '', words = ''] = ELEMENT.exec(text) ?? [];
    if (words === '') return undefined;
    // `DEFAULT` has a meaning only as the first element; elsewhere it selects nothing.
    if (!words.split('+').includes('DEFAULT')) elements.push([operator, words.split('+')]);
    else if (at === 0 && text === 'DEFAULT') elements.push(['', ['DEFAULT']]);
  }
  return elements;
}

function judge(list: readonly string[], written: string): Parsed<string> {
  const tooLong = notOneWord(written);
  if (tooLong !== undefined) return reject(tooLong);
  const elements = read(list);
  if (elements === undefined) return reject('is not an OpenSSL cipher list');
  return CIPHERS.some((cipher) => selects(elements, cipher)) ? accept(written) : reject('selects no cipher');
}

export const tlsCiphers: Parser<string> = {
  accepts: 'an OpenSSL cipher list of letters, digits and +:_!- that selects at least one cipher',
  parse: (raw) => judge(raw.split(':'), raw),
};

/**
 * Commands that lists for connections of clients may contain: for sorting, and for the minimum strength of keys. Levels
 * above 3 are refused, because they require stronger keys than P-256, which the certificate in nginx.conf has.
 */
const COMMAND = /^@(STRENGTH|SECLEVEL=[0-3])$/;

/** Like `tlsCiphers`, but the two commands are allowed, and spaces may be used instead of colons. */
export const serverCiphers: Parser<string> = {
  accepts: `${tlsCiphers.accepts}; optionally with @STRENGTH, and @SECLEVEL=0 to 3`,
  parse: (raw) => {
    const list = raw
      .replaceAll('@', ':@')
      .split(/[: ]+/)
      .filter((text) => text !== '');
    const judged = list.map((text) => (COMMAND.test(text) ? '' : text));
    return judge(judged, list.join(':'));
  },
};
