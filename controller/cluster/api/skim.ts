/**
 * Splits a stream of JSON into documents as the bytes arrive, and keeps only the parts that the rules name. A part that
 * is left out, however large, never becomes a string or object and never blocks the event loop for long. Pure.
 *
 * Only strings, brackets, commas and colons are recognised, which is enough to split valid JSON. If the input is not
 * valid JSON, the output is not valid either, unless the error was in a part that is left out.
 */
import { shortJson, SHORT_BYTES } from './skim-text.ts';

/** What to keep of a value. By default, all of its parts are kept. */
export interface Rule {
  /** Rules for members of a map by name. Members with null are left out. */
  readonly fields?: ReadonlyMap<string, Rule | null>;
  /** The rule for members with other names. If `fields` exists and this is undefined, they are left out. */
  readonly others?: Rule;
  /** The rule for items of a list. */
  readonly items?: Rule;
  /** A longer list is truncated; `rest` returns a replacement for the items that were left out. */
  readonly most?: number;
  readonly rest?: (count: number) => string;
  /** Maximum length in bytes; a longer string is shortened. */
  readonly text?: number;
  /** Whether the value is a separate document instead of a part of its parent. */
  readonly document?: boolean;
}

const [QUOTE, COMMA, COLON, BACKSLASH, NEWLINE, LETTER_U] = [0x22, 0x2c, 0x3a, 0x5c, 0x0a, 0x75];
const [OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP, DIGIT_0] = [0x5b, 0x5d, 0x7b, 0x7d, 0x30];

/**
 * The parser's states: what may come next. In state `END`, a value may have ended, or the bytes of a number or word
 * continue.
 */
const [VALUE, ITEM, KEY, MEMBER, END, STRING, NAME, SKIPPED] = [0, 1, 2, 3, 4, 5, 6, 7];

const EVERYTHING: Rule = {};

/**
 * Maximum number of maps and lists within one another in a document. The kinds of objects that are read have at most 9
 * levels, and the envelope of a list or review adds a few.
 */
export const MOST_LEVELS = 32;

/** A document that has ended. */
export interface Skimmed {
  /** Its JSON, with the parts that are kept. */
  readonly text: string;
  /** Whether it has more levels than `MOST_LEVELS`; the text has 0 in place of what is deeper. */
  readonly isTooDeep: boolean;
}
const NOTHING = Buffer.alloc(0);

/**
 * A buffer that all Skimmers share: a Skimmer returns the buffer when it has no open document. Hundreds of watches are
 * silent most of the time, and a separate buffer for each chunk would account for most of the garbage.
 */
let room: Buffer = NOTHING;
/** Maximum size of the shared buffer, in bytes. A larger buffer is released instead. */
const MOST_SHARED = 128 * 1024;

/** An open map or list. */
interface Frame {
  readonly rule: Rule;
  readonly isMap: boolean;
  /** Number of items so far. */
  count: number;
  /** Whether a member or item has been kept. */
  kept: boolean;
}

export class Skimmer {
  readonly #root: Rule;
  /** If true, each line is a document, and the end of a line ends all open values. */
  readonly #lines: boolean;
  #expected = VALUE;
  #frames: Frame[] = [];
  /** The rule for the next value; null if it is left out. */
  #rule: Rule | null;
  #out: Buffer = NOTHING;
  #at = 0;
  /** The bytes kept of the parents of the open document, and the number of open frames around it. */
  #around: { readonly out: Buffer; readonly at: number; readonly depth: number } | undefined;
  /** Buffer for the next document. */
  #spare: Buffer = NOTHING;
  #documents: Skimmed[] = [];
  /** Where the current string or name begins in the kept bytes. */
  #begin = 0;
  #bytes = 0;
  #tooLong = false;
  /**
   * 0: not in an escape sequence. 1: after a backslash. 2 to 5: before the first to fourth hexadecimal digit after
   * `\u`.
   */
  #escape = 0;
  #code = 0;
  #skippedDepth = 0;
  #inSkippedString = false;
  #pending = 0;
  #values = 0;
  #isTooDeep = false;

  /** `lines`: whether each line is a document. */
  constructor(root: Rule, lines: boolean) {
    this.#root = root;
    this.#rule = root;
    this.#lines = lines;
  }

  /** Number of bytes since the last document ended. */
  get pending(): number {
    return this.#pending;
  }

  /** Whether the document that is being read has more levels than `MOST_LEVELS`. */
  get isTooDeep(): boolean {
    return this.#isTooDeep;
  }

  /** Number of values kept of the document that was begun last: maps, lists, strings, numbers and words. */
  get values(): number {
    return this.#values;
  }

  /**
   * Returns the kept bytes that are not part of a complete document: the envelope of the documents, or the beginning of
   * one.
   */
  rest(): string {
    return this.#out.toString('utf8', 0, this.#at);
  }

  /** Returns the documents that end in this chunk. */
  push(given: Uint8Array): readonly Skimmed[] {
    const chunk = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    if (this.#out.length === 0) [this.#out, room] = [room, NOTHING];
    this.#reserve(chunk.length);
    this.#pending += chunk.length;
    for (let at = 0; at < chunk.length;) {
      if (this.#expected === STRING) at = this.#string(chunk, at);
      else if (this.#expected === SKIPPED) at = this.#skip(chunk, at);
      else if (this.#expected === NAME) at = this.#name(chunk, at);
      else at = this.#between(chunk, at);
    }
    const documents = this.#documents;
    this.#documents = [];
    if (this.#around === undefined) this.#spare = giveBack(this.#spare);
    if (this.#at === 0) this.#out = giveBack(this.#out);
    return documents;
  }

  /** Handles a byte of brackets, commas, colons, numbers or words; returns the index to continue at. */
  // oxlint-disable-next-line eslint/complexity -- a state machine, called for each byte outside strings, names and skipped values
  #between(chunk: Buffer, at: number): number {
    const byte = chunk[at] ?? 0;
    if (byte <= 0x20) {
      if (byte === NEWLINE && this.#lines) this.#endLine(chunk.length - at);
      return at + 1;
    }
    const frame = this.#frames.at(-1);
    switch (this.#expected) {
      case ITEM:
        if (byte === CLOSE_LIST) return this.#close(byte, at, chunk.length);
        this.#beginItem(frame, chunk.length - at);
        return at;
      case VALUE:
        if (this.#rule === null) {
          this.#expected = SKIPPED;
          return at;
        }
        if (frame === undefined && this.#root.document === true && this.#around === undefined)
          this.#open(chunk.length - at);
        return this.#beginValue(byte, at, this.#rule);
      case KEY:
        if (byte === CLOSE_MAP) return this.#close(byte, at, chunk.length);
        if (byte !== QUOTE) break;
        this.#begin = this.#at;
        if (frame?.kept === true) this.#put(COMMA);
        this.#put(QUOTE);
        this.#expected = NAME;
        return at + 1;
      case MEMBER:
        if (byte !== COLON) break;
        if (this.#rule !== null) this.#put(COLON);
        this.#expected = VALUE;
        return at + 1;
      default:
        // The end of a document that is a number or a word.
        if ((byte === COMMA || byte === CLOSE_LIST) && this.#around?.depth === this.#frames.length)
          this.#ended(chunk.length - at);
        if (byte === COMMA && frame !== undefined) {
          this.#expected = frame.isMap ? KEY : ITEM;
          return at + 1;
        }
        if (byte === CLOSE_MAP || byte === CLOSE_LIST) return this.#close(byte, at, chunk.length);
    }
    this.#put(byte);
    return at + 1;
  }

  #beginValue(byte: number, at: number, rule: Rule): number {
    this.#values += 1;
    if ((byte === OPEN_MAP || byte === OPEN_LIST) && this.#frames.length >= MOST_LEVELS) return this.#replaceDeep(at);
    this.#put(byte);
    if (byte === QUOTE) {
      this.#begin = this.#at;
      this.#bytes = 0;
      this.#tooLong = false;
      this.#expected = STRING;
    } else if (byte === OPEN_MAP || byte === OPEN_LIST) {
      const isMap = byte === OPEN_MAP;
      this.#frames.push({ rule, isMap, count: 0, kept: false });
      this.#expected = isMap ? KEY : ITEM;
    } else this.#expected = END;
    return at + 1;
  }

  /** Writes a number in place of a map or list that is too deep, and skips it. */
  #replaceDeep(at: number): number {
    this.#isTooDeep = true;
    this.#put(DIGIT_0);
    this.#expected = SKIPPED;
    return at;
  }

  #beginItem(frame: Frame | undefined, left: number): void {
    if (frame === undefined) return;
    frame.count += 1;
    const { items, fields } = frame.rule;
    // A list in place of a map has no part that the rules name.
    const rule = items ?? (fields === undefined ? EVERYTHING : null);
    this.#rule = frame.count > (frame.rule.most ?? Infinity) ? null : rule;
    this.#expected = VALUE;
    if (this.#rule === null || rule === null) return;
    if (rule.document === true && this.#around === undefined) {
      this.#open(left);
      return;
    }
    if (frame.kept) this.#put(COMMA);
    frame.kept = true;
  }

  #close(byte: number, at: number, length: number): number {
    const frame = this.#frames.pop();
    if (frame !== undefined && !frame.isMap && frame.rule.rest !== undefined) {
      const left = frame.count - (frame.rule.most ?? Infinity);
      if (left > 0) this.#write(`${frame.kept ? ',' : ''}${frame.rule.rest(left)}`, length - at);
    }
    this.#put(byte);
    this.#ended(length - at);
    return at + 1;
  }

  /** Handles the end of a value. */
  #ended(left: number): void {
    this.#expected = END;
    if (this.#around?.depth !== this.#frames.length) return;
    const { out, at } = this.#around;
    this.#keepDocument();
    this.#around = undefined;
    this.#pending = 0;
    if (at > 0) [this.#spare, this.#out] = [this.#out, out];
    this.#at = at;
    this.#reserve(left);
    if (this.#frames.length > 0) return;
    this.#expected = VALUE;
    this.#rule = this.#root;
  }

  /** Handles the beginning of a document. */
  #open(left: number): void {
    this.#around = { out: this.#out, at: this.#at, depth: this.#frames.length };
    if (this.#at > 0) this.#out = this.#spare;
    this.#at = 0;
    this.#values = 0;
    this.#isTooDeep = false;
    this.#reserve(left);
  }

  #keepDocument(): void {
    this.#documents.push({ text: this.#out.toString('utf8', 0, this.#at), isTooDeep: this.#isTooDeep });
  }

  #endLine(left: number): void {
    if (this.#at > 0) this.#keepDocument();
    this.#around = undefined;
    this.#isTooDeep = false;
    this.#frames = [];
    this.#expected = VALUE;
    this.#rule = this.#root;
    this.#escape = 0;
    this.#skippedDepth = 0;
    this.#inSkippedString = false;
    this.#pending = 0;
    this.#at = 0;
    this.#reserve(left);
  }

  /** Handles the name of a member. Its bytes are kept until the name's end shows whether the member is kept. */
  #name(chunk: Buffer, from: number): number {
    let at = from;
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (byte === NEWLINE && this.#lines) {
        this.#endLine(chunk.length - at);
        return at + 1;
      }
      this.#put(byte);
      if (this.#escape > 0) this.#escape = 0;
      else if (byte === BACKSLASH) this.#escape = 1;
      else if (byte === QUOTE) {
        this.#named();
        return at + 1;
      }
    }
    return at;
  }

  #named(): void {
    const frame = this.#frames.at(-1);
    this.#expected = MEMBER;
    if (frame === undefined) return;
    const { fields, others } = frame.rule;
    const from = this.#begin + (frame.kept ? 2 : 1);
    const known = fields?.get(this.#out.toString('latin1', from, this.#at - 1));
    this.#rule = known !== undefined ? known : (others ?? (fields === undefined ? EVERYTHING : null));
    if (this.#rule === null) this.#at = this.#begin;
    else frame.kept = true;
  }

  /** Handles a string that is kept. */
  #string(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      if (this.#escape > 0) {
        this.#escaped(chunk[at] ?? 0);
        at += 1;
        continue;
      }
      const start = at;
      let byte = 0;
      while (at < chunk.length) {
        byte = chunk[at] ?? 0;
        if (byte === QUOTE || byte === BACKSLASH || byte === NEWLINE) break;
        at += 1;
      }
      this.#keep(chunk, start, at);
      if (at === chunk.length) return at;
      at += 1;
      if (byte === QUOTE) {
        this.#endString(chunk.length - at);
        return at;
      }
      if (byte === NEWLINE && this.#lines) {
        this.#endLine(chunk.length - at);
        return at;
      }
      if (byte === BACKSLASH) this.#escape = 1;
      else this.#bytes += 1;
      this.#putUnlessLong(byte);
    }
    return at;
  }

  /** Keeps a part of a string without escape sequences. */
  #keep(chunk: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
    let until = end;
    if (this.#bytes > (this.#rule?.text ?? Infinity)) {
      // Keep the part that may be shown.
      until = Math.min(end, start + Math.max(0, SHORT_BYTES - (this.#at - this.#begin)));
      if (this.#tooLong) until = start;
      this.#tooLong = true;
    }
    chunk.copy(this.#out, this.#at, start, until);
    this.#at += until - start;
  }

  #putUnlessLong(byte: number): void {
    this.#tooLong ||= this.#bytes > (this.#rule?.text ?? Infinity);
    if (!this.#tooLong) this.#put(byte);
  }

  #escaped(byte: number): void {
    if (this.#escape === 1) {
      this.#escape = byte === LETTER_U ? 2 : 0;
      this.#code = 0;
      if (this.#escape === 0) this.#bytes += 1;
    } else {
      this.#code = this.#code * 16 + Number.parseInt(String.fromCharCode(byte), 16);
      this.#escape = this.#escape === 5 ? 0 : this.#escape + 1;
      if (this.#escape === 0) this.#bytes += bytesOfUnit(this.#code);
    }
    this.#putUnlessLong(byte);
  }

  #endString(left: number): void {
    if (this.#tooLong) {
      const start = this.#out.toString('utf8', this.#begin, Math.min(this.#at, this.#begin + SHORT_BYTES));
      this.#at = this.#begin;
      this.#write(shortJson(start, this.#bytes), left);
    }
    this.#put(QUOTE);
    this.#ended(left);
  }

  /** Handles a value that is left out. */
  // oxlint-disable-next-line eslint/complexity -- the loop over every byte that is left out; calls would double its time
  #skip(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (byte === NEWLINE && this.#lines) {
        this.#endLine(chunk.length - at);
        return at + 1;
      }
      if (this.#inSkippedString) {
        if (this.#escape > 0) this.#escape = 0;
        else if (byte === BACKSLASH) this.#escape = 1;
        else if (byte === QUOTE) {
          this.#inSkippedString = false;
          if (this.#skippedDepth === 0) return this.#skipped(at + 1);
        }
      } else if (byte === QUOTE) this.#inSkippedString = true;
      else if (byte === OPEN_MAP || byte === OPEN_LIST) this.#skippedDepth += 1;
      else if (byte === CLOSE_MAP || byte === CLOSE_LIST) {
        // If the skipped value is a number or word, this bracket ends its parent.
        if (this.#skippedDepth === 0) return this.#skipped(at);
        this.#skippedDepth -= 1;
        if (this.#skippedDepth === 0) return this.#skipped(at + 1);
      } else if (byte === COMMA && this.#skippedDepth === 0) return this.#skipped(at);
    }
    return chunk.length;
  }

  #skipped(at: number): number {
    this.#expected = END;
    return at;
  }

  #put(byte: number): void {
    this.#out[this.#at] = byte;
    this.#at += 1;
  }

  /** Appends text. `left` is the number of remaining bytes of the chunk, for which room is kept. */
  #write(text: string, left: number): void {
    this.#reserve(Buffer.byteLength(text) + left);
    this.#at += this.#out.write(text, this.#at);
  }

  /**
   * Makes room for `bytes` more bytes. No byte of a chunk is written more than once, but a comma and a quote may be
   * added.
   */
  #reserve(bytes: number): void {
    const needed = this.#at + bytes + 16;
    if (this.#out.length >= needed) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#at === 0 ? 0 : 2 * this.#out.length));
    this.#out.copy(larger, 0, 0, this.#at);
    this.#out = larger;
  }
}

function giveBack(buffer: Buffer): Buffer {
  if (buffer.length > room.length && buffer.length <= MOST_SHARED) room = buffer;
  return NOTHING;
}

/** The number of UTF-8 bytes of a UTF-16 code unit. The two code units of a surrogate pair count 3 and 1. */
function bytesOfUnit(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xdc00 && unit < 0xe000 ? 1 : 3;
}
