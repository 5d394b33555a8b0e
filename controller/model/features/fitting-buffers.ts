/**
 * Buffer sizes at one level of nginx.conf (http, server or location). Annotations, snippets and the settings may each
 * set some of them. nginx rejects its whole configuration if they conflict: see ngx_http_proxy_merge_loc_conf in
 * ngx_http_proxy_module.c.
 */
import { bytes, integer } from '../../types/conf-value.ts';
import { type PassDirective, passDirective } from '../contract/pass-directives.ts';
import type { Settings } from '../settings/settings.ts';
import { standardBuffers } from '../values/buffers.ts';
import { byteCount } from '../values/scalars.ts';

/** Buffer sizes in bytes. The directive `*_buffers` asks for `count` buffers of `each` bytes. */
export interface PlaceBuffers {
  readonly head: number;
  readonly count: number;
  readonly each: number;
  readonly busy: number;
  readonly tempFile: number;
}

export interface FittingPass {
  readonly pass: readonly PassDirective[];
  /** The sizes in force at this level, which nested levels inherit. */
  readonly buffers: PlaceBuffers;
  /**
   * One clause for each size that was requested at this level and had to be changed, with the size that is used
   * instead.
   */
  readonly changed: readonly string[];
}

const SUFFIXES = ['buffer_size', 'buffers', 'busy_buffers_size', 'max_temp_file_size'] as const;
type Suffix = (typeof SUFFIXES)[number];

const anySize = byteCount(0, Number.MAX_SAFE_INTEGER);

function sizeOf(text: string | undefined): number | undefined {
  const parsed = text === undefined ? undefined : anySize.parse(text);
  return parsed?.ok === true ? parsed.value : undefined;
}

/** Buffer sizes at the http level. */
export function buffersOfSettings(settings: Settings): PlaceBuffers {
  const { size, count, busy, tempFile } = standardBuffers(settings);
  return { head: size, count, each: size, busy, tempFile };
}

/** The directives in `own`, with sizes that nginx accepts together, at a level that inherits the sizes in `around`. */
export function fittingPass(own: readonly PassDirective[], around: PlaceBuffers): FittingPass {
  const said = new Map(own.map(({ suffix, args }) => [suffix, args.map(({ meaning }) => meaning)] as const));
  if (!SUFFIXES.some((suffix) => said.has(suffix))) return { pass: own, buffers: around, changed: [] };
  const [count, each] = said.get('buffers') ?? [];
  const wanted: PlaceBuffers = {
    head: sizeOf(said.get('buffer_size')?.[0]) ?? around.head,
    count: count === undefined ? around.count : Number(count),
    each: sizeOf(each) ?? around.each,
    busy: sizeOf(said.get('busy_buffers_size')?.[0]) ?? around.busy,
    tempFile: sizeOf(said.get('max_temp_file_size')?.[0]) ?? around.tempFile,
  };
  const buffers = fit(wanted);
  const rest = own.filter(({ suffix }) => !SUFFIXES.some((known) => known === suffix));
  const written = SUFFIXES.filter((suffix) => said.has(suffix) || differs(suffix, buffers, around));
  const changed = SUFFIXES.filter((suffix) => said.has(suffix) && differs(suffix, buffers, wanted)).map(
    (suffix) =>
      `proxy_${suffix} ${textOf(suffix, wanted)} conflicts with the other buffers; ${textOf(suffix, buffers)} is ` +
      'used',
  );
  return { pass: [...rest, ...written.map((suffix) => directiveOf(suffix, buffers))], buffers, changed };
}

/**
 * The nearest sizes that nginx accepts. All buffers except one must together be at least as large as the larger of
 * `head` and `each`, and so must a temporary file.
 */
function fit({ head, count, each, busy, tempFile }: PlaceBuffers): PlaceBuffers {
  const least = Math.max(head, each);
  const fitting = (count - 1) * each < least ? least : each;
  const most = (count - 1) * fitting;
  return {
    head,
    count,
    each: fitting,
    busy: Math.min(Math.max(busy, least), most),
    tempFile: tempFile === 0 ? 0 : Math.max(tempFile, least),
  };
}

function directiveOf(suffix: Suffix, { head, count, each, busy, tempFile }: PlaceBuffers): PassDirective {
  switch (suffix) {
    case 'buffer_size':
      return passDirective(suffix, bytes(head));
    case 'buffers':
      return passDirective(suffix, integer(count), bytes(each));
    case 'busy_buffers_size':
      return passDirective(suffix, bytes(busy));
    case 'max_temp_file_size':
      return passDirective(suffix, bytes(tempFile));
  }
}

function textOf(suffix: Suffix, buffers: PlaceBuffers): string {
  const { args } = directiveOf(suffix, buffers);
  return args.map(({ conf }) => conf).join(' ');
}

function differs(suffix: Suffix, a: PlaceBuffers, b: PlaceBuffers): boolean {
  return textOf(suffix, a) !== textOf(suffix, b);
}
