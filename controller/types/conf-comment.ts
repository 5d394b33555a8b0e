/**
 * A comment in nginx.conf about the lines below it. It may name objects, although these can change without a reload:
 * such comments are not part of the checksum that decides whether a reload is needed.
 */

/** Characters that stay as they are. All others are percent-encoded, so that a tenant's text cannot end the comment. */
const PLAIN = /^[A-Za-z0-9/._~:@,+=-]*$/;
const MOST = 80;

export class ConfComment {
  /** `# shop/web: /api -> shop/api:8080` */
  readonly text: string;
  #checked = true;

  constructor(text: string, token: symbol) {
    if (token !== MINT) throw new TypeError('only the functions of conf-comment.ts can create a ConfComment');
    // Only ASCII: a single character beyond Latin-1 would double the memory of the nginx.conf text.
    if (!/^# [ -~]*$/.test(text)) throw new TypeError(`not a comment of nginx.conf: ${JSON.stringify(text)}`);
    this.text = text;
  }

  /** True for a comment that was created here, and false for an object that only looks like one. */
  static is(value: unknown): value is ConfComment {
    return typeof value === 'object' && value !== null && #checked in value;
  }
}
const MINT = Symbol('conf-comment');

/** A tenant's text in harmless characters, truncated if it is long. */
function plain(text: string): string {
  if (PLAIN.test(text) && text.length <= MOST) return text;
  let written = '';
  for (const character of text) {
    const next = PLAIN.test(character) ? character : percentEncoded(character);
    if (written.length + next.length > MOST) return `${written}...`;
    written += next;
  }
  return written;
}

function percentEncoded(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

const COMMENTS = /\n *#[^\n]*/g;

/**
 * Whether two versions of nginx.conf differ only in comments. The first line, a comment that contains the checksum,
 * must be equal, too.
 */
export function sameButComments(a: string, b: string): boolean {
  return a === b || a.replaceAll(COMMENTS, '') === b.replaceAll(COMMENTS, '');
}

/**
 * A comment of fixed words with a tenant's strings, or lists of them, in between: comment`${owner}: copies of
 * requests`.
 */
export function comment(words: TemplateStringsArray, ...tenants: readonly (string | readonly string[])[]): ConfComment {
  const text = words.map((each, index) => each + [tenants[index] ?? ''].flat().map(plain).join(', ')).join('');
  return new ConfComment(`# ${text}`, MINT);
}
