/** Facts about server blocks that the rest of nginx.conf depends on. */
import { type Declaration, uniqueDeclarations } from '../types/declaration.ts';

/** Facts about one server block, or about several. */
export interface BlockFacts {
  /** Upstreams to which the locations pass requests. */
  readonly upstreams: readonly string[];
  /** Declarations at the http level that the directives refer to. */
  readonly declarations: readonly Declaration[];
  /** Exact names, which are in nginx's hash table of server names: their number, and the length of the longest. */
  readonly names: { readonly count: number; readonly longest: number };
}

/** Facts about all server blocks. */
export interface ConfFacts {
  /** Names of all upstreams, sorted. */
  readonly upstreams: readonly string[];
  /** The bucket size in bytes and the number of names for nginx's hash table of server names. */
  readonly serverNames: { readonly bucket: number; readonly max: number };
}

/** The combined facts of several blocks. */
export function sumFacts(blocks: readonly BlockFacts[]): BlockFacts {
  return { ...sumNames(blocks), declarations: uniqueDeclarations(blocks.map((block) => block.declarations)) };
}

type Names = Pick<BlockFacts, 'names' | 'upstreams'>;

function sumNames(blocks: readonly Names[]): Names {
  const upstreams = new Set<string>();
  let [count, longest] = [0, 0];
  for (const { upstreams: some, names } of blocks) {
    for (const name of some) upstreams.add(name);
    count += names.count;
    longest = Math.max(longest, names.longest);
  }
  return { upstreams: [...upstreams], names: { count, longest } };
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}

/** All upstreams to which locations pass requests, and the size of the hash table of server names. */
export function confFacts(parts: readonly BlockFacts[]): ConfFacts {
  const { upstreams, names } = sumNames(parts);
  const bucket = Math.max(128, powerOfTwo(Math.max(32, names.longest) + 24));
  return {
    upstreams: upstreams.toSorted(),
    serverNames: { bucket, max: powerOfTwo(Math.max(1, names.count * 2)) },
  };
}
