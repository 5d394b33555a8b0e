/** The headers that NGINX changes: those for the backend, and those of the response. */
import type { ConfValue } from '../types/conf-value.ts';
import type { LiveHeader, LiveScript } from '../types/live-snippet.ts';
import type { ResponseHeader } from '../types/live.ts';
import type { HeaderNote } from './explanation.ts';
import { isAllowedOrigin } from './early-answer.ts';
import type { Located } from './situation.ts';

function noteOf(name: string, value: string): HeaderNote {
  return value === '' ? { name } : { name, value };
}

function textOf(value: ConfValue | 'removed'): string {
  return value === 'removed' ? '' : value.meaning.replaceAll('${literal_dollar}', '$');
}

/** Headers for the backend that the location changes; those that all backends get are not repeated. */
export function requestHeaderNotes({ location, route }: Located): readonly HeaderNote[] {
  const own = (location.upstreamHeaders ?? []).map(([name, value]) => noteOf(name, textOf(value)));
  return [
    ...own,
    ...(route.upstreamHost === undefined ? [] : [noteOf('Host', route.upstreamHost)]),
    ...(route.connection === undefined ? [] : [noteOf('Connection', route.connection)]),
    ...(route.rewrite?.forwardedPrefix === undefined
      ? []
      : [
          noteOf(
            'X-Forwarded-Prefix',
            route.rewrite.forwardedPrefix.map((piece) => (typeof piece === 'number' ? `$${piece}` : piece)).join(''),
          ),
        ]),
  ];
}

function responseHeader([name, value]: ResponseHeader): HeaderNote {
  return noteOf(name, typeof value === 'string' ? value : value.join(''));
}

function snippetHeaders(script: LiveScript | undefined): readonly HeaderNote[] {
  return (script?.headers ?? []).map(({ op, name, text, after }: LiveHeader) =>
    op === 'clear'
      ? { name }
      : noteOf(name, after === undefined ? (text ?? []).join('') : `the date ${after} s after the response`),
  );
}

function corsHeaders({ route, request }: Located): readonly HeaderNote[] {
  const { cors } = route;
  if (cors === undefined || !isAllowedOrigin(cors, request)) return [];
  const origin = cors.origins === undefined ? '*' : '$http_origin';
  return [
    noteOf('Access-Control-Allow-Origin', origin),
    ...(cors.credentials === true ? [noteOf('Access-Control-Allow-Credentials', 'true')] : []),
    noteOf('Access-Control-Allow-Methods', cors.methods),
    noteOf('Access-Control-Allow-Headers', cors.headers),
    noteOf('Access-Control-Max-Age', String(cors.maxAge)),
    ...(cors.expose === undefined ? [] : [noteOf('Access-Control-Expose-Headers', cors.expose)]),
  ];
}

/** Headers that NGINX sets, adds or removes in the response, in the order of request/response_headers.lua. */
export function responseHeaderNotes(situation: Located): readonly HeaderNote[] {
  const { plan, route, request } = situation;
  const { hsts } = plan.static;
  return [
    ...(hsts !== null && request.given.scheme === 'https' ? [noteOf('Strict-Transport-Security', hsts.meaning)] : []),
    ...(plan.live.settings.responseHeaders ?? []).map(responseHeader),
    ...corsHeaders(situation),
    ...snippetHeaders(route.snippet?.server),
    ...snippetHeaders(route.snippet?.location),
    ...(route.removedHeaders ?? []).map((name) => ({ name })),
    ...(route.responseHeaders ?? []).map(responseHeader),
    ...(route.addedHeaders ?? []).map(responseHeader),
  ];
}
