/** What a source of Snapshots keeps of the objects it reads: decided by the reader of the Snapshots. */
import type { V1ConfigMap, V1Ingress } from '@kubernetes/client-node';

/**
 * The functions return the same object if all of it is kept, and never throw for anything that an API server admits.
 */
export interface Keeping {
  readonly ingress: (ingress: V1Ingress) => V1Ingress;
  readonly configMap: (configMap: V1ConfigMap) => V1ConfigMap;
  /** Whether the name of an annotation of a Service matters. */
  readonly isRead: (annotation: string) => boolean;
  /** Longer entries of Secrets, in base64 characters, are dropped. */
  readonly secretChars: number;
  /**
   * Longer annotations, names and paths are shortened (`left-out.ts`), and further paths of a rule are only counted.
   */
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
