/** The benches, in the order of docs/performance.md: requests, changes, size, time. */
export const BENCHES = [
  'proxy',
  'features',
  'tail',
  'balance',
  'tls',
  'endpoint',
  'stall',
  'newhost',
  'burst',
  'build',
  'conf',
  'reload-cost',
  'cold',
  'cluster',
  'memory',
  'hostile',
] as const;
