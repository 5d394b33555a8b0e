/** A service that authorizes requests, from annotations or settings. */
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
  /** Name of the key that sets it, for Problems. */
  readonly source: 'auth-url' | 'global-auth-url';
  /** GET if absent. */
  readonly method?: string;
  /** Where clients are sent on 401. */
  readonly signIn?: Pieces;
  readonly cookies: LiveExternalAuth['cookies'];
  /** Response headers that the backend gets, replacing the client's. */
  readonly responseHeaders: readonly string[];
  /** Additional headers for the service. */
  readonly requestHeaders: readonly (readonly [name: string, value: ConfValue])[];
  /** Lua sends the subrequest: it keeps connections after any response, and can pass the response on. */
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
  /** Responses are cached. */
  readonly cache?: { readonly key: Pieces; readonly times: CacheTimes };
  /** X-Auth-Request-Redirect; the URI of the request if absent. */
  readonly redirect?: string;
}

/** The cache of the responses, shared by all workers. */
const KEPT = declaration({ name: 'lua_shared_dict', args: [word('tidegate_auth'), size('10m')] });

/** What it refers to outside its server block. */
export function authDeclarations({ cache }: ExternalAuth): readonly Declaration[] {
  return cache === undefined ? [] : [KEPT];
}
