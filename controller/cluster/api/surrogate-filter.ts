/**
 * Replaces escapes of lone surrogates in the bytes of JSON by U+FFFD, as the API server does. Such escapes would
 * otherwise become strings that look like the marks of `types/left-out.ts`.
 */
const [BACKSLASH, LETTER_U] = [0x5c, 0x75];
const NOTHING = Buffer.alloc(0);
/** Number of bytes of an escape such as `\ud800`. */
const LENGTH = 6;

export interface SurrogateFilter {
  /** Returns the bytes of a chunk, except for an escape at its end whose meaning depends on what follows. */
  readonly push: (chunk: Uint8Array) => Uint8Array;
}

/** The code of the escape at `at`; undefined if there is none, or if it does not have four digits. */
function codeAt(bytes: Buffer, at: number): number | undefined {
  if (bytes[at] !== BACKSLASH || bytes[at + 1] !== LETTER_U) return undefined;
  const digits = bytes.toString('latin1', at + 2, at + LENGTH);
  return /^[0-9A-Fa-f]{4}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

/**
 * The number of bytes of the escape at `at`, and whether it is a lone surrogate; undefined if more bytes are needed.
 */
function escapeAt(bytes: Buffer, at: number): { readonly length: number; readonly isLone: boolean } | undefined {
  if (at + 1 === bytes.length) return undefined;
  if (bytes[at + 1] !== LETTER_U) return { length: 2, isLone: false };
  if (at + LENGTH > bytes.length) return undefined;
  const code = codeAt(bytes, at) ?? 0;
  if (isLow(code)) return { length: LENGTH, isLone: true };
  if (code < 0xd800 || code > 0xdbff) return { length: LENGTH, isLone: false };
  if (at + 2 * LENGTH > bytes.length && mayBegin(bytes, at + LENGTH)) return undefined;
  const isPair = isLow(codeAt(bytes, at + LENGTH) ?? 0);
  return { length: isPair ? 2 * LENGTH : LENGTH, isLone: !isPair };
}

/** Whether a code is the second half of a surrogate pair. */
function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** Whether the bytes that have arrived may be the beginning of an escape with four digits. */
function mayBegin(bytes: Buffer, at: number): boolean {
  const [first = BACKSLASH, second = LETTER_U] = bytes.subarray(at, at + 2);
  return first === BACKSLASH && second === LETTER_U;
}

export function createSurrogateFilter(): SurrogateFilter {
  let held = NOTHING;
  return {
    push: (chunk) => {
      const given = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      let bytes = held.length === 0 ? given : Buffer.concat([held, given]);
      held = NOTHING;
      for (let at = bytes.indexOf(BACKSLASH); at >= 0;) {
        const escape = escapeAt(bytes, at);
        if (escape === undefined) {
          held = Buffer.from(bytes.subarray(at));
          return bytes.subarray(0, at);
        }
        if (escape.isLone) {
          // The chunk belongs to others.
          if (bytes === given) bytes = Buffer.from(given);
          bytes.write('\\ufffd', at, 'latin1');
        }
        at = bytes.indexOf(BACKSLASH, at + escape.length);
      }
      return bytes;
    },
  };
}
