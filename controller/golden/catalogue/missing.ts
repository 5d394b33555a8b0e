/** Keys of ingress-nginx that the registries do not have yet: one that has come must leave its list. */
export const MISSING_ANNOTATIONS: readonly string[] = [
  'auth-keepalive',
  'auth-keepalive-share-vars',
  'auth-keepalive-requests',
  'auth-keepalive-timeout',
  'auth-snippet',
];

export const MISSING_SETTINGS: readonly string[] = [
  'global-auth-snippet',
  'main-snippet',
  'http-snippet',
  'server-snippet',
  'location-snippet',
  'stream-snippet',
];
