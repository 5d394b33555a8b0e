/** Artifact: everything NGINX is given for one Plan. Text and data only; nginx/ writes it out. */
import type { LiveDocument } from './live.ts';
import type { ObjectRef } from './problem.ts';

export interface Artifact {
  /** The whole of nginx.conf. */
  readonly conf: string;
  /**
   * SHA-256 in hex over the conf, but for comments that name objects (ConfComment). The reload decision is: did those bytes
   * change? Names of Ingresses and Services are live, and stand in comments alone.
   */
  readonly confDigest: string;
  /** Its first 16 digits; they stand in the conf itself, and the workers report them. */
  readonly confHash: string;
  readonly live: LiveDocument;
  /** Files that NGINX reads: name below `<run>/conf/files/` (holds the hash of its content) → content. */
  readonly files: ReadonlyMap<string, string>;
  /** Which Ingresses a line of the conf (from 1) came from; empty for lines that belong to nobody. */
  readonly ownersOfLine: (line: number) => readonly ObjectRef[];
}
