/** Artifact: everything NGINX is given for one Plan. Text and data only; nginx/ writes it out. */
import type { LiveDocument } from './live.ts';
import type { ObjectRef } from './problem.ts';

export interface Artifact {
  /** The whole of nginx.conf. The reload decision is: did these bytes change? */
  readonly conf: string;
  /** 16 hex digits over the conf; stands in the conf itself, and the workers report it. */
  readonly confHash: string;
  readonly live: LiveDocument;
  /** Files that NGINX reads: name below `<run>/conf/files/` (holds the hash of its content) → content. */
  readonly files: ReadonlyMap<string, string>;
  /** Which Ingresses a line of the conf (from 1) came from; empty for lines that belong to nobody. */
  readonly ownersOfLine: (line: number) => readonly ObjectRef[];
}
