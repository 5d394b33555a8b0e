/**
 * Directives that control how requests are passed to upstreams. The modules proxy, grpc and fastcgi share many of them,
 * each under its own prefix. Features write the directives without the prefix; the protocol of the location decides
 * which prefix is added.
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
  /** If set, the directive is for this module only, and replaces one with the same suffix for all modules. */
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

/** Directive → the modules that have it. */
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
  // The grpc module also has intercept_errors, but gRPC clients do not read error pages.
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

/** Conditions that fastcgi_next_upstream does not support. */
const NOT_FASTCGI = new Set(['http_502', 'http_504']);

export function passDirective(suffix: Suffix, ...args: readonly ConfValue[]): PassDirective {
  return { suffix, args };
}

function inModule(module: Module, { suffix, args }: PassDirective): Directive[] {
  if (!KNOWN_IN[suffix].includes(module)) return [];
  // `KNOWN_IN` lists only names that exist.
  const name = `${module}_${suffix}` as DirectiveName;
  if (module !== 'fastcgi' || suffix !== 'next_upstream') return [directive(name, ...args)];
  const known = args.filter((arg) => !NOT_FASTCGI.has(arg.conf));
  return [directive(name, ...(known.length === 0 ? [word('off')] : known))];
}

/** Directives with the prefix of the module for `protocol`; directives that the module lacks are left out. */
export function inWordsOf(protocol: Pass['protocol'], directives: readonly PassDirective[]): readonly Directive[] {
  const module = MODULE[protocol];
  const own = new Set(directives.flatMap(({ suffix, only }) => (only === module ? [suffix] : [])));
  return directives
    .filter(({ suffix, only }) => (only === undefined ? !own.has(suffix) : only === module))
    .flatMap((each) => inModule(module, each));
}

/** Directives repeated for every module that has them, for the http level. */
export function forEveryModule(directives: readonly PassDirective[]): readonly Directive[] {
  return directives.flatMap((each) => MODULES.flatMap((module) => inModule(module, each)));
}
