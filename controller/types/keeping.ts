/** What a source of Snapshots keeps of the objects it reads: decided by whoever reads the Snapshots. */
import type { V1ConfigMap, V1Ingress } from '@kubernetes/client-node';

/** Functions answer the same object where all of it is kept, and never throw for what an API server lets in. */
export interface Keeping {
  readonly ingress: (ingress: V1Ingress) => V1Ingress;
  readonly configMap: (configMap: V1ConfigMap) => V1ConfigMap;
  /** Whether the name of an annotation of a Service matters. */
  readonly isRead: (annotation: string) => boolean;
  /** Longer entries of Secrets, in characters of base64, are not kept. */
  readonly secretChars: number;
  /** Longer annotations, names and paths are abridged (`left-out.ts`), and of more paths of a rule only their number is kept. */
  readonly textBytes: number;
  readonly paths: number;
}

export const KEEP_EVERYTHING: Keeping = {
  ingress: (ingress) => ingress,
  configMap: (configMap) => configMap,
  isRead: () => true,
  secretChars: Infinity,
  textBytes: Infinity,
  paths: Infinity,
};
