/**
 * Buffers for responses of endpoints. nginx refuses its whole configuration if these sizes conflict; see
 * ngx_http_proxy_merge_loc_conf in ngx_http_proxy_module.c.
 */
import { bytes, integer } from '../../types/conf-value.ts';
import { type PassDirective, passDirective } from '../contract/pass-directives.ts';
import { byteCount, formatBytes, wholeNumber } from './scalars.ts';

/** Sizes in bytes. The directive `proxy_buffers` asks for `count` buffers of `size` bytes. */
export interface Buffers {
  readonly size: number;
  readonly count: number;
  /** Bytes that may be waiting to be sent to the client; if undefined: two buffers, or one if there are only two. */
  readonly busy: number | undefined;
  /** Maximum size of the temporary file; 0: no temporary file is written. */
  readonly tempFile: number;
}

export interface FittingBuffers extends Buffers {
  readonly busy: number;
}

const KIB = 1024;
const MIB = 1024 ** 2;
const TIB = 1024 ** 4;

/** Limited at both ends: the head of a response must fit into one buffer, and every request takes at least one. */
export const bufferSize = byteCount(KIB, 64 * MIB);
export const bufferCount = wholeNumber(2, 4096);
export const busySize = byteCount(KIB, 1024 * MIB);
export const tempFileSize = byteCount(0, TIB);

/** The nearest sizes that nginx accepts in combination. */
export function fitBuffers({ size, count, busy, tempFile }: Buffers): FittingBuffers {
  const most = (count - 1) * size;
  return {
    size,
    count,
    busy: Math.min(Math.max(busy ?? 2 * size, size), most),
    tempFile: tempFile === 0 ? 0 : Math.max(tempFile, size),
  };
}

/**
 * Limits the buffers to `most` bytes together, but to at least two buffers. `size` and `count` say why a value was
 * reduced, as the end of a sentence that begins with the annotation's name.
 */
export function boundBuffers(
  wanted: Buffers,
  most: number,
): { readonly buffers: Buffers; readonly size?: string; readonly count?: string } {
  const size = Math.min(wanted.size, Math.floor(most / 2));
  const count = Math.min(wanted.count, Math.max(2, Math.floor(most / size)));
  const used = `${formatBytes(size)} times ${count}`;
  const limit = `more than --max-buffer-bytes, which is ${most}; ${used} is used`;
  return {
    buffers: { ...wanted, size, count },
    ...(size < wanted.size && { size: `of ${formatBytes(wanted.size)} lets one request take ${limit}` }),
    ...(count < wanted.count && {
      count: `of ${wanted.count} lets one request take ${wanted.count} times ${formatBytes(wanted.size)}, ${limit}`,
    }),
  };
}

/** The ConfigMap keys for buffers. */
export interface BufferSettings {
  readonly 'proxy-buffer-size': number;
  readonly 'proxy-buffers-number': number;
  readonly 'proxy-busy-buffers-size': number | undefined;
  readonly 'proxy-max-temp-file-size': number;
}

/** The buffers as written in the ConfigMap. */
export function wantedBuffers(values: BufferSettings): Buffers {
  return {
    size: values['proxy-buffer-size'],
    count: values['proxy-buffers-number'],
    busy: values['proxy-busy-buffers-size'],
    tempFile: values['proxy-max-temp-file-size'],
  };
}

/** The buffers in force for Ingresses without annotations for buffers. */
export function standardBuffers(values: BufferSettings): FittingBuffers {
  return fitBuffers(wantedBuffers(values));
}

/** Why sizes had to change, as the ends of sentences that begin with the key; empty if none changed. */
export function misfits(
  wanted: Buffers,
  fitting: FittingBuffers,
): { readonly busy?: string; readonly tempFile?: string } {
  const [least, most] = [formatBytes(wanted.size), formatBytes((wanted.count - 1) * wanted.size)];
  return {
    ...(wanted.busy !== undefined &&
      wanted.busy !== fitting.busy && {
        busy:
          `is not between the size of one buffer and that of all buffers but one (${least} to ${most}); ` +
          `${formatBytes(fitting.busy)} is used`,
      }),
    ...(wanted.tempFile !== fitting.tempFile && {
      tempFile: `is neither 0 nor at least the size of one buffer; ${formatBytes(fitting.tempFile)} is used`,
    }),
  };
}

/** Directives for the buffers. `standard`: the buffers that are inherited; equal directives are omitted. */
export function bufferDirectives(fitting: FittingBuffers, standard?: FittingBuffers): readonly PassDirective[] {
  const { size, count, busy, tempFile } = fitting;
  const same = standard?.size === size && standard.count === count && standard.busy === busy;
  return [
    ...(same
      ? []
      : [
          passDirective('buffer_size', bytes(size)),
          passDirective('buffers', integer(count), bytes(size)),
          passDirective('busy_buffers_size', bytes(busy)),
        ]),
    ...(standard?.tempFile === tempFile ? [] : [passDirective('max_temp_file_size', bytes(tempFile))]),
  ];
}
