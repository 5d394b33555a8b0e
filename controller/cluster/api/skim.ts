/**
 * The bytes of JSON as they come → the texts of its documents, with only what is kept of them. What is left out never
 * becomes a string, an object or a long pause, however large it is. Pure.
 *
 * It knows strings, brackets, commas and colons, which is all that it takes to cut up a text that is JSON. Of a text that is
 * not, what comes out is not JSON either, unless what is wrong with it was left out.
 */
import { shortJson, SHORT_BYTES } from './skim-text.ts';

/** What is kept of a value. Where nothing is said of its parts, all of them are. */
export interface Rule {
  /** Members of a map by their names; null: left out. */
  readonly fields?: ReadonlyMap<string, Rule | null>;
  /** Members of other names; left out where there are `fields` and this is undefined. */
  readonly others?: Rule;
  /** Items of a list. */
  readonly items?: Rule;
  /** A longer list is cut, and ends with what `rest` says of the others. */
  readonly most?: number;
  readonly rest?: (count: number) => string;
  /** A longer string is abridged: bytes. */
  readonly text?: number;
  /** The value is a document, and not a part of what is around it. */
  readonly document?: boolean;
}

const [QUOTE, COMMA, COLON, BACKSLASH, NEWLINE, LETTER_U] = [0x22, 0x2c, 0x3a, 0x5c, 0x0a, 0x75];
const [OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP] = [0x5b, 0x5d, 0x7b, 0x7d];

/** What may come next. `END`: what follows a value, which is its own end where that is a number or a word. */
const [VALUE, ITEM, KEY, MEMBER, END, STRING, NAME, SKIPPED] = [0, 1, 2, 3, 4, 5, 6, 7];

const EVERYTHING: Rule = {};
const NOTHING = Buffer.alloc(0);

/**
 * Room that all share: whoever has no document under way gives it back. Hundreds of watches are silent most of the time, and
 * a buffer for each chunk would be most of the garbage.
 */
let room: Buffer = NOTHING;
/** Larger ones are let go. */
const MOST_SHARED = 128 * 1024;

/** A map or list that is open. */
interface Frame {
  readonly rule: Rule;
  readonly isMap: boolean;
  /** Items so far. */
  count: number;
  /** Something of it was kept. */
  kept: boolean;
}

export class Skimmer {
  readonly #root: Rule;
  /** Each line is a document, and the end of a line the end of whatever is open. */
  readonly #lines: boolean;
  #expected = VALUE;
  #frames: Frame[] = [];
  /** Of the value that comes next; null: left out. */
  #rule: Rule | null;
  #out: Buffer = NOTHING;
  #at = 0;
  /** What is around the document that is open, and how many frames that has. */
  #around: { readonly out: Buffer; readonly at: number; readonly depth: number } | undefined;
  /** Room for the next document. */
  #spare: Buffer = NOTHING;
  #documents: string[] = [];
  /** Where the string or name under way begins in what is kept. */
  #begin = 0;
  #bytes = 0;
  #tooLong = false;
  /** 1: behind a backslash; 2 to 5: digits of a code are to come. */
  #escape = 0;
  #code = 0;
  #skippedDepth = 0;
  #inSkippedString = false;
  #pending = 0;

  /** `lines`: documents are lines. */
  constructor(root: Rule, lines: boolean) {
    this.#root = root;
    this.#rule = root;
    this.#lines = lines;
  }

  /** Bytes since the last document ended. */
  get pending(): number {
    return this.#pending;
  }

  /** What is around the documents, or the beginning of one. */
  rest(): string {
    return this.#out.toString('utf8', 0, this.#at);
  }

  /** Documents that end in this chunk. */
  push(given: Uint8Array): readonly string[] {
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

  /** Brackets, commas, colons, numbers and words; answers where to go on. */
  // oxlint-disable-next-line eslint/complexity -- a table of states, read once for every byte of a list
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
        // A document that is a number or a word.
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

  #beginItem(frame: Frame | undefined, left: number): void {
    if (frame === undefined) return;
    frame.count += 1;
    const rule = frame.rule.items ?? EVERYTHING;
    this.#rule = frame.count > (frame.rule.most ?? Infinity) ? null : rule;
    this.#expected = VALUE;
    if (this.#rule === null) return;
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

  /** A value has come to its end. */
  #ended(left: number): void {
    this.#expected = END;
    if (this.#around?.depth !== this.#frames.length) return;
    const { out, at } = this.#around;
    this.#documents.push(this.#out.toString('utf8', 0, this.#at));
    this.#around = undefined;
    this.#pending = 0;
    if (at > 0) [this.#spare, this.#out] = [this.#out, out];
    this.#at = at;
    this.#reserve(left);
    if (this.#frames.length > 0) return;
    this.#expected = VALUE;
    this.#rule = this.#root;
  }

  /** A document begins. */
  #open(left: number): void {
    this.#around = { out: this.#out, at: this.#at, depth: this.#frames.length };
    if (this.#at > 0) this.#out = this.#spare;
    this.#at = 0;
    this.#reserve(left);
  }

  #endLine(left: number): void {
    if (this.#at > 0) this.#documents.push(this.#out.toString('utf8', 0, this.#at));
    this.#around = undefined;
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

  /** Inside the name of a member: it is kept until its end says whether it is to be. */
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

  /** Inside a string that is kept. */
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

  /** A part of a string without escapes. */
  #keep(chunk: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
    let until = end;
    if (this.#bytes > (this.#rule?.text ?? Infinity)) {
      // What may be shown of it.
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

  /** Inside a value that is left out. */
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
        // The end of what it is in, where it is a number or a word.
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

  /** `left`: bytes that are still to come in this chunk. */
  #write(text: string, left: number): void {
    this.#reserve(Buffer.byteLength(text) + left);
    this.#at += this.#out.write(text, this.#at);
  }

  /** No byte of a chunk is written more than once, and a comma and a quote may come on top. */
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

/** Bytes in UTF-8 of a code unit of UTF-16; two that are a pair have four. */
function bytesOfUnit(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xdc00 && unit < 0xe000 ? 1 : 3;
}
