/** Serves one HTTP request, from authentication to the response. Injected faults take precedence over the API. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { discoveryAt } from './discovery.ts';
import { ApiFailure, badRequest, statusOf } from './failure.ts';
import type { Faults } from './faults.ts';
import type { JsonObject } from './object.ts';
import type { LoggedRequest } from './request-log.ts';
import { selectionOf } from './requests.ts';
import type { ApiAnswer, ApiRequest } from './requests.ts';
import { routeOf } from './route.ts';
import type { Route } from './route.ts';
import type { Store } from './store.ts';
import { goneEvent, openStream } from './streams.ts';
import type { Stream } from './streams.ts';

export interface Serving {
  readonly store: Store;
  readonly faults: Faults;
  readonly handle: (request: ApiRequest) => ApiAnswer;
  readonly streams: Set<Stream>;
  readonly bookmarkMs: number;
  /** The bearer token that clients must have; if undefined, all clients are admitted. */
  readonly token: string | undefined;
  readonly log: (entry: LoggedRequest) => void;
}

function write(
  response: ServerResponse,
  code: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed) return;
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function writeStatus(response: ServerResponse, code: number, message: string, retryAfter?: number): void {
  const details = retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter };
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  write(response, code, statusOf(code, REASONS[code] ?? 'Unknown', message, details), headers);
}

function watch(
  { store, faults, streams, bookmarkMs }: Serving,
  route: Route,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const { resource } = route;
  const select = selectionOf(route, query);
  const text = query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(text)) throw badRequest(`resourceVersion: Invalid value: "${text}"`);
  const asked = Number(text);
  const gone = faults.take('gone', 'watch', resource.plural);
  if (gone?.as === 'status')
    return writeStatus(response, 410, `too old resource version: ${asked} (${store.oldest()})`);
  if (gone !== undefined || (asked > 0 && asked < store.oldest())) {
    response.writeHead(200, { 'content-type': 'application/json' });
    return void response.end(goneEvent(asked, store.oldest()));
  }
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  const initialEvents = query.get('sendInitialEvents') === 'true';
  const request = {
    resource,
    select,
    since: asked === 0 || initialEvents ? undefined : asked,
    bookmarks: query.get('allowWatchBookmarks') === 'true',
    initialEvents,
    timeout: seconds > 0 ? seconds * 1000 : undefined,
  };
  const truncates = () => faults.take('truncate', 'watch', resource.plural) !== undefined;
  const stream = openStream(request, { store, response, bookmarkMs, truncates }, () => streams.delete(stream));
  streams.add(stream);
  if (faults.take('hang', 'watch', resource.plural) !== undefined) stream.silence();
}

/** Applies injected faults. Returns whether one of them has handled the request. */
async function disturbed(
  { faults }: Serving,
  { verb, name, resource: { plural } }: Route,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<boolean> {
  const delay = faults.take('delay', verb, plural);
  if (delay !== undefined) await sleep(delay.delay);
  if (faults.take('cut', verb, plural) !== undefined) {
    response.destroy();
    return true;
  }
  if (verb !== 'watch' && faults.take('hang', verb, plural) !== undefined) return true;
  const named = name !== undefined || /(^|,)metadata\.name=/.test(query.get('fieldSelector') ?? '');
  if (!named && faults.take('names-only', verb, plural) !== undefined) {
    writeStatus(response, 403, `${verb} ${plural}: only single names are permitted`);
    return true;
  }
  const status = faults.take('status', verb, plural);
  if (status === undefined) return false;
  writeStatus(response, status.code, `${verb} ${plural}: a test injected this failure`, status.retryAfter);
  return true;
}

/** Reads the whole body as text. Rejects a body above the limit, which is 3 MiB by default, as in the real server. */
export async function readBody(request: IncomingMessage, limit = 3 * 1024 * 1024): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new ApiFailure(413, 'RequestEntityTooLarge', `limit is ${limit}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/**
 * The credentials are `Bearer TOKEN` or `Bearer TOKEN:USER`. All users have the same permissions; only the log
 * distinguishes them.
 */
function credentialsOf({ headers }: IncomingMessage): { readonly token: string; readonly user: string } {
  const [, token = '', user = ''] = /^Bearer ([^:]*)(?::(.*))?$/.exec(headers.authorization ?? '') ?? [];
  return { token, user };
}

/** Whether a request has the token of the server. */
export function isAdmitted({ token }: Pick<Serving, 'token'>, request: IncomingMessage): boolean {
  return token === undefined || credentialsOf(request).token === token;
}

async function serve(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  body: string,
): Promise<void> {
  const { accept = '' } = request.headers;
  if (!isAdmitted(serving, request)) return writeStatus(response, 401, 'Unauthorized');
  const document = request.method === 'GET' ? discoveryAt(url.pathname) : undefined;
  if (document !== undefined) return write(response, 200, document);
  if (/^\/(healthz|readyz|livez)$/.test(url.pathname)) return void response.end('ok');
  const route = routeOf(request.method ?? '', url);
  if (route === undefined) return writeStatus(response, 404, 'the server could not find the requested resource');
  if (await disturbed(serving, route, url.searchParams, response)) return;
  if (route.verb === 'watch') return watch(serving, route, url.searchParams, response);
  const mediaType = (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim() ?? '';
  const answer = serving.handle({ route, query: url.searchParams, body, mediaType, accept });
  return write(response, answer.code, answer.body);
}

/** Logs a request and sends its response. */
export async function answerRequest(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://emulator');
  const route = routeOf(request.method ?? '', url);
  const at = performance.now();
  try {
    const body = await readBody(request);
    const entry = {
      at,
      verb: route?.verb ?? ('other' as const),
      resource: route?.resource.plural ?? url.pathname,
      namespace: route?.namespace,
      name: route?.name,
      subresource: route?.subresource,
      query: Object.fromEntries(url.searchParams),
      agent: request.headers['user-agent'] ?? '',
      user: credentialsOf(request).user,
      body,
      get code() {
        return response.headersSent ? response.statusCode : 0;
      },
    };
    serving.log(entry);
    await serve(serving, request, response, url, body);
  } catch (error) {
    if (response.headersSent || response.destroyed) return void response.destroy();
    if (!(error instanceof ApiFailure)) return writeStatus(response, 500, String(error));
    write(response, error.code, error.status);
  }
}
