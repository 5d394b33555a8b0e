/** A service that decides about requests, as annotations or settings say it. */
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
  /** Name of the key that says so, for Problems. */
  readonly source: 'auth-url' | 'global-auth-url';
  /** GET where it is absent. */
  readonly method?: string;
  /** Where 401 sends the client. */
  readonly signIn?: Pieces;
  readonly cookies: LiveExternalAuth['cookies'];
  /** Headers of its answers that the backend gets in place of the client's. */
  readonly responseHeaders: readonly string[];
  /** Headers of its own for the service. */
  readonly requestHeaders: readonly (readonly [name: string, value: ConfValue])[];
  /** Lua asks, which keeps connections whatever is answered, and can pass the answer on. */
  readonly exchange?: {
    readonly connections: number;
    readonly requests: number;
    readonly idle: number;
    readonly passes: boolean;
  };
  /** What a snippet adds to the location that asks. */
  readonly snippet?: {
    readonly directives: readonly Directive[];
    readonly pass: readonly PassDirective[];
    readonly headers: readonly (readonly [name: string, value: ConfValue])[];
  };
  /** Answers are kept. */
  readonly cache?: { readonly key: Pieces; readonly times: CacheTimes };
  /** X-Auth-Request-Redirect; the URI of the request where it is absent. */
  readonly redirect?: string;
}

/** The memory that answers are kept in, of every worker. */
const KEPT = declaration({ name: 'lua_shared_dict', args: [word('tidegate_auth'), size('10m')] });

/** What it refers to outside of its server block. */
export function declarationsFor({ cache }: ExternalAuth): readonly Declaration[] {
  return cache === undefined ? [] : [KEPT];
}
