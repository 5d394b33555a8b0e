/** What the conf around the server blocks has to know of them. */
import { type Declaration, uniqueDeclarations } from '../types/declaration.ts';

/** What the conf around the server blocks has to know of one of them, or of some. */
export interface BlockFacts {
  /** Upstreams that its locations pass to. */
  readonly upstreams: readonly string[];
  /** What its directives refer to at the http level. */
  readonly declarations: readonly Declaration[];
  /** Its names that go into nginx's table of names: how many, and the length of the longest. */
  readonly names: { readonly count: number; readonly longest: number };
}

/** What it has to know of all of them. */
export interface ConfFacts {
  /** Names of upstreams, sorted. */
  readonly upstreams: readonly string[];
  /** Bytes of the hash bucket and number of names that nginx's table of server names needs. */
  readonly serverNames: { readonly bucket: number; readonly max: number };
}

/** Facts of several blocks together. */
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
