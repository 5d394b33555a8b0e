/** A value in force for the paths of an Ingress, and where it comes from. */
export interface SettingOrigin {
  /** The annotation without its prefix, or the key of the ConfigMap. */
  readonly name: string;
  /** The value as written, shortened, or the default as it would be written; never a secret. */
  readonly value: string;
  readonly from: 'annotation' | 'configmap' | 'default';
  /** `namespace/name` of the Ingress or ConfigMap; absent for a default. */
  readonly object?: string;
  /** `host`: an annotation of an Ingress that applies to all paths of the host. */
  readonly scope: 'location' | 'host';
  /** Why a written value is not in force; then `value` is the written one. */
  readonly ignored?: string;
}
