/** Which parts of the cluster's objects are stored in Snapshots. The code that reads the Snapshots decides this. */
import type { V1ConfigMap, V1Ingress } from '@kubernetes/client-node';

/**
 * What is stored of each kind of object. The functions return the same object if they leave nothing out. They never
 * throw for an object that an API server accepts.
 */
export interface Keeping {
  readonly ingress: (ingress: V1Ingress) => V1Ingress;
  readonly configMap: (configMap: V1ConfigMap) => V1ConfigMap;
  /** Whether the annotation with this name is stored if a Service has it. */
  readonly isRead: (annotation: string) => boolean;
  /** Whether an annotation or label with this name is stored if a Namespace has it. */
  readonly isReadOfNamespace: (name: string) => boolean;
  /** Maximum length of an entry of a Secret, in base64 characters; longer ones are dropped. */
  readonly secretChars: number;
  /** Maximum length of annotations, names and paths, in bytes; longer ones are shortened (`left-out.ts`). */
  readonly textBytes: number;
  /** Maximum number of paths of a rule that are stored; the other paths are only counted. */
  readonly paths: number;
}

export const KEEP_EVERYTHING: Keeping = {
  ingress: (ingress) => ingress,
  configMap: (configMap) => configMap,
  isRead: () => true,
  isReadOfNamespace: () => true,
  secretChars: Infinity,
  textBytes: Infinity,
  paths: Infinity,
};
