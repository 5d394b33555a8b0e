/**
 * Directives that say how requests are passed on. proxy, grpc and fastcgi have many of them in common, each with a prefix
 * of its own; a feature says what it wants without one, and the protocol of the location decides.
 */
import type { ConfValue } from '../types/conf-value.ts';
import { word } from '../types/conf-value.ts';
import {
  type Directive,
  directive,
  type DirectiveName,
  type OfBufferedPass,
  type OfEveryPass,
  type OfProxyPass,
} from '../types/directive.ts';
import type { Pass } from '../types/plan.ts';

export interface PassDirective {
  /** Name without the module's prefix. */
  readonly suffix: OfEveryPass | OfBufferedPass | OfProxyPass;
  readonly args: readonly ConfValue[];
}

type Module = 'proxy' | 'grpc' | 'fastcgi';

const MODULE: Readonly<Record<Pass['protocol'], Module>> = {
  http: 'proxy',
  https: 'proxy',
  grpc: 'grpc',
  grpcs: 'grpc',
};

const NOT_IN: Readonly<Record<Exclude<Module, 'proxy'>, ReadonlySet<string>>> = {
  grpc: new Set<OfBufferedPass | OfProxyPass>([
    'buffering',
    'buffers',
    'busy_buffers_size',
    'cookie_domain',
    'cookie_path',
    'http_version',
    'max_temp_file_size',
    'redirect',
    'request_buffering',
  ]),
  fastcgi: new Set<OfProxyPass>(['cookie_domain', 'cookie_path', 'http_version', 'redirect']),
};

/** Statuses that fastcgi_next_upstream does not know. */
const NOT_FASTCGI = new Set(['http_502', 'http_504']);

export function passDirective(suffix: PassDirective['suffix'], ...args: readonly ConfValue[]): PassDirective {
  return { suffix, args };
}

function inModule(module: Module, { suffix, args }: PassDirective): Directive[] {
  if (module !== 'proxy' && NOT_IN[module].has(suffix)) return [];
  // The sets above leave out exactly the names that do not exist.
  const name = `${module}_${suffix}` as DirectiveName;
  if (module !== 'fastcgi' || suffix !== 'next_upstream') return [directive(name, ...args)];
  const known = args.filter((arg) => !NOT_FASTCGI.has(arg.conf));
  return [directive(name, ...(known.length === 0 ? [word('off')] : known))];
}

/** In the words of the module that speaks `protocol`; what that module has none of is left out. */
export function inWordsOf(protocol: Pass['protocol'], directives: readonly PassDirective[]): readonly Directive[] {
  return directives.flatMap((each) => inModule(MODULE[protocol], each));
}

/** For every module; the defaults of the whole installation. */
export function forEveryModule(directives: readonly PassDirective[]): readonly Directive[] {
  return directives.flatMap((each) =>
    (['proxy', 'grpc', 'fastcgi'] as const).flatMap((module) => inModule(module, each)),
  );
}
