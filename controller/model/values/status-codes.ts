import { accept, type Parser, reject } from '../contract/parser.ts';
import { listOf } from './list.ts';

/** NGINX uses 499 for clients that have disconnected, so nobody can get a page for it. */
const NO_PAGE = 499;
const MOST = 599;

/** Statuses from `least` to 599 that can have error pages, in order. */
export function statusCodes(least: number): Parser<readonly number[]> {
  return listOf({
    accepts: `comma-separated statuses from ${least} to ${MOST}, except ${NO_PAGE}`,
    item: (text) => {
      const code = /^\d{3}$/.test(text) ? Number(text) : 0;
      return code >= least && code <= MOST && code !== NO_PAGE
        ? accept(code)
        : reject('is not a status that can have a page');
    },
    value: (codes) => [...new Set(codes)].sort((a, b) => a - b),
  });
}
