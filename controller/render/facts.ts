/** What the conf around the server blocks needs to know about them. */
import { type Declaration, uniqueDeclarations } from '../types/declaration.ts';

/** What the conf needs to know about one or some server blocks. */
export interface BlockFacts {
  /** Upstreams that its locations pass to. */
  readonly upstreams: readonly string[];
  /** What its directives refer to at the http level. */
  readonly declarations: readonly Declaration[];
  /** Its names in nginx's table of server names: how many, and the length of the longest. */
  readonly names: { readonly count: number; readonly longest: number };
}

/** What the conf needs to know about all of them. */
export interface ConfFacts {
  /** Names of upstreams, sorted. */
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

/** Every upstream that some location passes to, and the size of the table of names. */
export function confFacts(parts: readonly BlockFacts[]): ConfFacts {
  const { upstreams, names } = sumNames(parts);
  const bucket = Math.max(128, powerOfTwo(Math.max(32, names.longest) + 24));
  return {
    upstreams: upstreams.toSorted(),
    serverNames: { bucket, max: powerOfTwo(Math.max(1, names.count * 2)) },
  };
}
