/** The authentication service of the settings, and what a snippet adds to the subrequest of any service. */
import { snippetText } from '../../../types/conf-value.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Snippet } from '../../values/snippets/compile.ts';
import { withReturn } from '../../values/auth-url.ts';
import type { ExternalAuth } from './external-auth.ts';

/** The service for Ingresses without their own; undefined if the settings have none. */
export function globalAuth(settings: Settings): ExternalAuth | 'unreadable' | undefined {
  const url = settings['global-auth-url'];
  if (url === null) return undefined;
  const [method, written, responseHeaders] = [
    settings['global-auth-method'],
    settings['global-auth-snippet'],
    settings['global-auth-response-headers'],
  ];
  // Without the snippet, the service might let more clients in: it could trust a header that the client sent and that
  // the snippet would have replaced.
  if (url === 'unreadable' || method === 'unreadable' || written === 'unreadable' || responseHeaders === 'unreadable')
    return 'unreadable';
  const [signIn, redirect, key, times] = [
    settings['global-auth-signin'],
    settings['global-auth-request-redirect'],
    settings['global-auth-cache-key'],
    settings['global-auth-cache-duration'],
  ];
  const added = written === null ? undefined : snippetFor(written);
  if (typeof added === 'string') return 'unreadable';
  return {
    url,
    source: 'global-auth-url',
    ...(method !== null && { method }),
    ...(signIn !== null && { signIn: withReturn(signIn, settings['global-auth-signin-redirect-param']) }),
    ...(redirect !== null && { redirect }),
    ...(typeof added === 'object' && { snippet: added }),
    ...(key !== null && times.length > 0 && { cache: { key, times } }),
    cookies: settings['global-auth-always-set-cookie'] ? 'all' : 'some',
    responseHeaders,
    requestHeaders: [],
  };
}

/**
 * What a snippet adds to the location of the subrequest, or the name of a variable that the snippet reads but that is
 * not set anywhere.
 */
export function snippetFor({ directives, pass, requestHeaders, reads }: Snippet): ExternalAuth['snippet'] | string {
  const [unset] = reads;
  if (unset !== undefined) return unset;
  return { directives, pass, headers: requestHeaders.map(({ name, text }) => [name, snippetText(text)] as const) };
}
