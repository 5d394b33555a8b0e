import { accept, type Parser, reject } from '../parser.ts';

/** Name → size as written, with `k` or `m`; without a unit megabytes. */
export const sharedDicts: Parser<ReadonlyMap<string, string>> = {
  accepts: 'comma-separated names with sizes, each `name: 10M`',
  parse: (raw) => {
    const sizes = new Map<string, string>();
    for (const item of raw.split(',').filter((text) => text.trim() !== '')) {
      const [, name, size] = /^\s*(\w+)\s*:\s*(\d+[km]?)\s*$/i.exec(item) ?? [];
      if (name === undefined || size === undefined) return reject(`holds ${JSON.stringify(item.trim().slice(0, 40))}`);
      sizes.set(name, size.toUpperCase());
    }
    return accept(sizes);
  },
};
