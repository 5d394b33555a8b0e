/**
 * Directives that say how requests are passed on. proxy, grpc and fastcgi have many of them in common, each with a prefix
 * of its own; a feature says what it wants without one, and the protocol of the location decides.
 */
import type { ConfValue } from '../../types/conf-value.ts';
import { word } from '../../types/conf-value.ts';
import {
  type Directive,
  directive,
  type DirectiveName,
  type OfBufferedPass,
  type OfEveryPass,
  type OfFastcgiPass,
  type OfProxyPass,
} from '../../types/directive.ts';
import type { Pass } from '../../types/plan.ts';

type Suffix = OfEveryPass | OfBufferedPass | OfProxyPass | OfFastcgiPass;

export interface PassDirective {
  /** Name without the module's prefix. */
  readonly suffix: Suffix;
  readonly args: readonly ConfValue[];
  /** It goes before one that is for every module, and is none where another module speaks. */
  readonly only?: Module;
}

const MODULES = ['proxy', 'grpc', 'fastcgi'] as const;
type Module = (typeof MODULES)[number];

const MODULE: Readonly<Record<Pass['protocol'], Module>> = {
  http: 'proxy',
  https: 'proxy',
  auto_http: 'proxy',
  grpc: 'grpc',
  grpcs: 'grpc',
  fastcgi: 'fastcgi',
};

const BUFFERED: readonly Module[] = ['proxy', 'fastcgi'];
const PROXY: readonly Module[] = ['proxy'];
const FASTCGI: readonly Module[] = ['fastcgi'];

/** Which modules have it. */
const KNOWN_IN: Readonly<Record<Suffix, readonly Module[]>> = {
  buffer_size: MODULES,
  connect_timeout: MODULES,
  hide_header: MODULES,
  next_upstream: MODULES,
  next_upstream_timeout: MODULES,
  pass_header: MODULES,
  read_timeout: MODULES,
  send_timeout: MODULES,
  buffering: BUFFERED,
  buffers: BUFFERED,
  busy_buffers_size: BUFFERED,
  // grpc has it too, but a client of gRPC reads no pages.
  intercept_errors: BUFFERED,
  max_temp_file_size: BUFFERED,
  request_buffering: BUFFERED,
  cookie_domain: PROXY,
  cookie_path: PROXY,
  http_version: PROXY,
  method: PROXY,
  redirect: PROXY,
  index: FASTCGI,
  param: FASTCGI,
};

/** Statuses that fastcgi_next_upstream does not know. */
const NOT_FASTCGI = new Set(['http_502', 'http_504']);

export function passDirective(suffix: Suffix, ...args: readonly ConfValue[]): PassDirective {
  return { suffix, args };
}

function inModule(module: Module, { suffix, args }: PassDirective): Directive[] {
  if (!KNOWN_IN[suffix].includes(module)) return [];
  // The table above holds exactly the names that exist.
  const name = `${module}_${suffix}` as DirectiveName;
  if (module !== 'fastcgi' || suffix !== 'next_upstream') return [directive(name, ...args)];
  const known = args.filter((arg) => !NOT_FASTCGI.has(arg.conf));
  return [directive(name, ...(known.length === 0 ? [word('off')] : known))];
}

/** In the words of the module that speaks `protocol`; what that module has none of is left out. */
export function inWordsOf(protocol: Pass['protocol'], directives: readonly PassDirective[]): readonly Directive[] {
  const module = MODULE[protocol];
  const own = new Set(directives.flatMap(({ suffix, only }) => (only === module ? [suffix] : [])));
  return directives
    .filter(({ suffix, only }) => (only === undefined ? !own.has(suffix) : only === module))
    .flatMap((each) => inModule(module, each));
}

/** For every module; the defaults of the whole installation. */
export function forEveryModule(directives: readonly PassDirective[]): readonly Directive[] {
  return directives.flatMap((each) => MODULES.flatMap((module) => inModule(module, each)));
}
