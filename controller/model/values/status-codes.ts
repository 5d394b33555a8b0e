import { accept, type Parser, reject } from '../parser.ts';

/** NGINX keeps 499 for clients that have gone, and gives nobody a page for it. */
const NO_PAGE = 499;
const MOST = 599;

/** Statuses from `least` to 599 that error pages may be given for, in order; what is none is dropped, unless all is. */
function read(raw: string, least: number): { readonly codes: readonly number[]; readonly bad: readonly string[] } {
  const items = raw.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
  const isCode = (item: string): boolean =>
    /^\d{3}$/.test(item) && Number(item) >= least && Number(item) <= MOST && Number(item) !== NO_PAGE;
  const codes = [...new Set(items.filter(isCode).map(Number))].sort((a, b) => a - b);
  return { codes, bad: items.filter((item) => !isCode(item)) };
}

function accepts(least: number): string {
  return `statuses from ${least} to ${MOST}, separated by commas; not ${NO_PAGE}`;
}

/** All of them, or nothing is accepted. */
export function statusCodes(least: number): Parser<readonly number[]> {
  return {
    accepts: accepts(least),
    parse: (raw) => {
      const { codes, bad } = read(raw, least);
      return bad.length === 0 && codes.length > 0 ? accept(codes) : reject(`holds ${bad.join(', ') || 'no status'}`);
    },
  };
}

/** Those that can be read, unless there are none. */
export function someStatusCodes(least: number): Parser<readonly number[]> {
  return {
    accepts: accepts(least),
    parse: (raw) => {
      const { codes, bad } = read(raw, least);
      if (codes.length === 0) return reject('holds no status that a page may be given for');
      return accept(codes, bad.length === 0 ? undefined : `holds ${bad.join(', ')}`);
    },
  };
}
