import { accept, type Parser, reject } from '../contract/parser.ts';
import { listOf } from './list.ts';

/** NGINX uses 499 if the client has disconnected, so no client can receive a page for this status. */
const NO_PAGE = 499;
const MOST = 599;

/** Comma-separated statuses from `least` to 599 for which there can be error pages; the result is sorted. */
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
