/** Which parts of the objects that it reads a source of Snapshots stores. The reader of the Snapshots decides this. */
import type { V1ConfigMap, V1Ingress } from '@kubernetes/client-node';

/**
 * The functions return the same object if they leave nothing out. They never throw for an object that an API server
 * accepts.
 */
export interface Keeping {
  readonly ingress: (ingress: V1Ingress) => V1Ingress;
  readonly configMap: (configMap: V1ConfigMap) => V1ConfigMap;
  /** Whether an annotation of a Service with this name is stored. */
  readonly isRead: (annotation: string) => boolean;
  /** Maximum length of an entry of a Secret, in base64 characters; longer ones are dropped. */
  readonly secretChars: number;
  /** Maximum length of annotations, names and paths; longer ones are shortened (`left-out.ts`). */
  readonly textBytes: number;
  /** Maximum number of paths of a rule that are stored; the other paths are only counted. */
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
