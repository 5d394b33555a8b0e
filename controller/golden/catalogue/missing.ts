/** Keys of ingress-nginx that the registries do not have yet: one that has come must leave its list. */
export const MISSING_ANNOTATIONS: readonly string[] = [];

export const MISSING_SETTINGS: readonly string[] = [];
