/**
 * Buffers at one level of nginx.conf, which annotations, snippets and the settings set together. nginx refuses its
 * whole configuration if they conflict: ngx_http_proxy_merge_loc_conf in ngx_http_proxy_module.c.
 */
import { bytes, integer } from '../../types/conf-value.ts';
import { type PassDirective, passDirective } from '../contract/pass-directives.ts';
import type { Settings } from '../settings/settings.ts';
import { standardBuffers } from '../values/buffers.ts';
import { byteCount } from '../values/scalars.ts';

/** Bytes in force; `count` buffers of `each`. */
export interface PlaceBuffers {
  readonly head: number;
  readonly count: number;
  readonly each: number;
  readonly busy: number;
  readonly tempFile: number;
}

export interface FittingPass {
  readonly pass: readonly PassDirective[];
  /** What is in force there and in nested levels. */
  readonly buffers: PlaceBuffers;
  /** What was requested there and had to change, and what is used. */
  readonly changed: readonly string[];
}

const SUFFIXES = ['buffer_size', 'buffers', 'busy_buffers_size', 'max_temp_file_size'] as const;
type Suffix = (typeof SUFFIXES)[number];

const anySize = byteCount(0, Number.MAX_SAFE_INTEGER);

function sizeOf(text: string | undefined): number | undefined {
  const parsed = text === undefined ? undefined : anySize.parse(text);
  return parsed?.ok === true ? parsed.value : undefined;
}

/** In force at the level of http. */
export function buffersOfSettings(settings: Settings): PlaceBuffers {
  const { size, count, busy, tempFile } = standardBuffers(settings);
  return { head: size, count, each: size, busy, tempFile };
}

/** `own` with sizes that nginx accepts together, inside a level with the buffers `around`. */
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
 * The nearest accepted sizes: all but one of the buffers must hold the largest one, and a file must not be smaller than
 * that.
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
