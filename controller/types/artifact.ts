/** Artifact: everything that NGINX needs for one Plan, as text and data; nginx/ writes it to disk. */
import type { Declaration } from './declaration.ts';
import type { LiveDocument } from './live.ts';
import type { HostPlan } from './plan.ts';
import type { ObjectRef } from './problem.ts';
import type { StreamFiles } from './stream.ts';

/** A server block of nginx.conf. */
export interface ConfBlock {
  readonly text: string;
  /** The number of lines of the text. */
  readonly lines: number;
  /** Whether it is the default server, whose parameters apply to the listening sockets of all blocks. */
  readonly isDefault: boolean;
  /** What the block needs at the level of `http`. */
  readonly declarations: readonly Declaration[];
}

/** The server blocks of an nginx.conf, from which those are found in which it differs from another nginx.conf. */
export interface ConfParts {
  /** What the rest of the conf is made of, apart from the checksum and from what server blocks declare. */
  readonly around: readonly string[];
  /** The server blocks, in runs. Runs and blocks that a conf shares with its predecessor are the same objects. */
  readonly runs: readonly { readonly blocks: readonly ConfBlock[] }[];
  /** The text before the first server block. */
  readonly before: string;
  /** The text before and after these of its blocks, which declares only what they need. */
  readonly textAround: (blocks: readonly ConfBlock[]) => { readonly before: string; readonly after: string };
}

export interface Artifact {
  /** The complete text of nginx.conf. */
  readonly conf: string;
  /** The conf in parts; absent for a conf that is only tested. */
  readonly parts?: ConfParts;
  /**
   * SHA-256, in hexadecimal digits, of the conf without comments that name objects (ConfComment). A reload is needed if
   * it changes. Apart from such comments, nginx.conf does not contain the names of Ingresses and Services: they are
   * live data.
   */
  readonly confDigest: string;
  /** The first 16 digits of `confDigest`. The conf contains them, and the workers report them. */
  readonly confHash: string;
  readonly live: LiveDocument;
  /** Files that NGINX reads: name below `<run>/conf/files/` → content. Each name contains a hash of the content. */
  readonly files: ReadonlyMap<string, string>;
  /** Files that njs reads for each TCP or UDP connection; absent: there are none. */
  readonly streamFiles?: StreamFiles;
  /** The Ingresses that a line of the conf (counted from 1) was made for; empty if it was not made for an Ingress. */
  readonly ownersOfLine: (line: number) => readonly ObjectRef[];
  /** The text of a server block of the conf; undefined if the conf does not contain the host. */
  readonly serverBlock: (host: HostPlan) => string | undefined;
  /** The sections of a server block's text that were made for one Ingress each, in order. */
  readonly sectionsOf: (host: HostPlan, block: string) => readonly OwnedSection[];
}

/** Lines of a server block, counted from 1, that were made for one Ingress. */
export interface OwnedSection {
  readonly from: number;
  readonly to: number;
  readonly owner: ObjectRef;
}
