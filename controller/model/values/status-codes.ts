import { accept, type Parser, reject } from '../contract/parser.ts';
import { listOf } from './list.ts';

/** NGINX keeps 499 for clients that have gone, and gives nobody a page for it. */
const NO_PAGE = 499;
const MOST = 599;

/** Statuses from `least` to 599 that error pages may be given for, in order. */
export function statusCodes(least: number): Parser<readonly number[]> {
  return listOf({
    accepts: `statuses from ${least} to ${MOST}, separated by commas; not ${NO_PAGE}`,
    item: (text) => {
      const code = /^\d{3}$/.test(text) ? Number(text) : 0;
      return code >= least && code <= MOST && code !== NO_PAGE
        ? accept(code)
        : reject('is not a status that a page may be given for');
    },
    value: (codes) => [...new Set(codes)].sort((a, b) => a - b),
  });
}
