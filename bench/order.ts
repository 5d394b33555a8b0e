/** The names of the benches, in the order of docs/performance.md. */
export const BENCHES = [
  'proxy',
  'features',
  'tls',
  'endpoint',
  'newhost',
  'burst',
  'build',
  'steps',
  'admission',
  'multiply',
  'conf',
  'cluster',
  'memory',
  'refused',
  'hostile',
  'regex',
] as const;
