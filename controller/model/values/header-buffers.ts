/** Parser for the number and size of buffers: `4 8k`. */
import { accept, type Parser, reject } from '../contract/parser.ts';
import { byteCount } from './scalars.ts';

const MOST = 64;
/** nginx refuses sizes below the 512 bytes of its connection pool. */
const size = byteCount(512, 1024 ** 2);

export const headerBuffers: Parser<{ readonly count: number; readonly size: number }> = {
  accepts: `a number from 1 to ${MOST} and a size from 512 to 1m, separated by a space`,
  parse: (raw) => {
    const [, digits, text] = /^(\d+)\s+(\S+)$/.exec(raw) ?? [];
    if (digits === undefined || text === undefined) return reject('is not a number and a size');
    const parsed = size.parse(text);
    if (!parsed.ok) return parsed;
    const count = Number(digits);
    return count >= 1 && count <= MOST ? accept({ count, size: parsed.value }) : reject(`is outside 1 to ${MOST}`);
  },
};
