import { accept, type Parser, reject } from '../contract/parser.ts';

export const fraction: Parser<number> = {
  accepts: 'a number, 0 to 1',
  parse: (raw) => {
    const value = /^(\d+(\.\d*)?|\.\d+)$/.test(raw) ? Number(raw) : Number.NaN;
    return value >= 0 && value <= 1 ? accept(value) : reject('is not a number from 0 to 1');
  },
};
