/** Artifact: everything NGINX is given for one Plan. Only text and data; nginx/ writes it to disk. */
import type { LiveDocument } from './live.ts';
import type { ObjectRef } from './problem.ts';

export interface Artifact {
  /** The whole of nginx.conf. */
  readonly conf: string;
  /**
   * SHA-256 in hex over the conf, without comments that name objects (ConfComment). A reload is needed if those bytes
   * changed. Names of Ingresses and Services are live data, and appear in comments only.
   */
  readonly confDigest: string;
  /** Its first 16 digits; they are in the conf itself, and the workers report them. */
  readonly confHash: string;
  readonly live: LiveDocument;
  /** Files that NGINX reads: name below `<run>/conf/files/` (holds the hash of its content) → content. */
  readonly files: ReadonlyMap<string, string>;
  /** Which Ingresses a line of the conf (from 1) came from; empty for lines that belong to none. */
  readonly ownersOfLine: (line: number) => readonly ObjectRef[];
}
