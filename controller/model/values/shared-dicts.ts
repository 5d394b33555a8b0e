import { accept, type Parser, reject } from '../contract/parser.ts';
import { listOf } from './list.ts';

/** Name of a dictionary → its size as written, in upper case; a size without a unit is in megabytes. */
export const sharedDicts: Parser<ReadonlyMap<string, string>> = listOf({
  accepts: 'comma-separated names with sizes, each like name: 10M',
  item: (text) => {
    const [, name, size] = /^(\w+)\s*:\s*(\d+[km]?)$/i.exec(text) ?? [];
    return name === undefined || size === undefined
      ? reject('is not a name with a size')
      : accept([name, size.toUpperCase()] as const);
  },
  value: (sizes) => new Map(sizes),
});
