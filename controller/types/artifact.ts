/** Artifact: everything that NGINX needs for one Plan, as text and data; nginx/ writes it to disk. */
import type { LiveDocument } from './live.ts';
import type { HostPlan } from './plan.ts';
import type { ObjectRef } from './problem.ts';
import type { StreamFiles } from './stream.ts';

export interface Artifact {
  /** The complete text of nginx.conf. */
  readonly conf: string;
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
