/**
 * Which requests are refused before their path is looked at. Pages of other sites must not read the answers, nor make
 * the controller compute them: neither through a DNS name of their own that resolves to this machine, nor by embedding
 * a URL of this server.
 */
import type { IncomingMessage } from 'node:http';

/** Status, reason in one word, and message. */
export type Refusal = readonly [status: number, error: string, message: string];

const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/** Values of Sec-Fetch-Site for requests that this server's own page makes, and that a person enters or bookmarks. */
const OWN_SITES: ReadonlySet<unknown> = new Set([undefined, 'same-origin', 'none']);

const WEB_PAGE: Refusal = [
  403,
  'browser',
  'requests from pages of other sites are not answered; send Host: 127.0.0.1 and no Origin',
];

/** Whether a person followed a link to the page. The page cannot be embedded, so that the other site learns nothing. */
function isNavigation({ headers, url = '' }: IncomingMessage): boolean {
  return (
    headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document' && /^\/(?:\?|$)/.test(url)
  );
}

/**
 * Why a request is refused; undefined if it is not. `checksHost`: whether only requests for a name of this machine are
 * answered. Needed for a listener that browsers can reach.
 */
export function requestObstacle(request: IncomingMessage, checksHost: boolean): Refusal | undefined {
  const { method, headers } = request;
  if (method !== 'GET') return [405, 'method', 'the API is read-only: send GET'];
  const host = headers.host ?? '';
  if (checksHost && !LOCAL_HOST.test(host)) return WEB_PAGE;
  // Browsers need not send Origin for a GET to the page's own origin, but they may.
  const isOwnOrigin = checksHost && headers.origin === `http://${host}`;
  if (headers.origin !== undefined && !isOwnOrigin) return WEB_PAGE;
  if (!OWN_SITES.has(headers['sec-fetch-site']) && !isNavigation(request)) return WEB_PAGE;
  if (hasBody(request)) return [400, 'body', 'the API takes no request bodies'];
  return undefined;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
