/** A service that authorizes requests, described by annotations or by settings. */
import { type ConfValue, size, word } from '../../../types/conf-value.ts';
import { type Declaration, declaration } from '../../../types/declaration.ts';
import type { Directive } from '../../../types/directive.ts';
import type { LiveExternalAuth } from '../../../types/live-external-auth.ts';
import type { PassDirective } from '../../contract/pass-directives.ts';
import type { CacheTimes } from '../../values/auth-cache.ts';
import type { AuthUrl } from '../../values/auth-url.ts';
import type { Pieces } from '../../values/pieces.ts';

export interface ExternalAuth {
  readonly url: AuthUrl;
  /** Name of the annotation or ConfigMap key that contains the URL, for Problems. */
  readonly source: 'auth-url' | 'global-auth-url';
  /** Method of the subrequest; GET if absent. */
  readonly method?: string;
  /** The sign-in page, to which clients are redirected on 401. */
  readonly signIn?: Pieces;
  readonly cookies: LiveExternalAuth['cookies'];
  /** Response headers that the backend gets, replacing the client's. */
  readonly responseHeaders: readonly string[];
  /** Additional headers for the service. */
  readonly requestHeaders: readonly (readonly [name: string, value: ConfValue])[];
  /**
   * Set if Lua sends the subrequest: it keeps connections open after any response, and can pass the response to
   * clients.
   */
  readonly exchange?: {
    readonly connections: number;
    readonly requests: number;
    readonly idle: number;
    readonly passes: boolean;
  };
  /** What a snippet adds to the location of the subrequest. */
  readonly snippet?: {
    readonly directives: readonly Directive[];
    readonly pass: readonly PassDirective[];
    readonly headers: readonly (readonly [name: string, value: ConfValue])[];
  };
  /** Set if responses are cached. */
  readonly cache?: { readonly key: Pieces; readonly times: CacheTimes };
  /** Value of X-Auth-Request-Redirect; the URI of the request if absent. */
  readonly redirect?: string;
}

/** The cache of the responses, shared by all workers. */
const KEPT = declaration({ name: 'lua_shared_dict', args: [word('tidegate_auth'), size('10m')] });

/** Declarations outside the server block that the service needs. */
export function authDeclarations({ cache }: ExternalAuth): readonly Declaration[] {
  return cache === undefined ? [] : [KEPT];
}
