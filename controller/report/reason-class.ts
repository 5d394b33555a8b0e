/** Reasons name hosts and Ingresses; as a metric's label they are reduced to a handful of classes. */

export const REASON_CLASSES = [
  'certificate',
  'endpoints',
  'host',
  'route',
  'server-block',
  'settings',
  'several',
  'other',
] as const;
export type ReasonClass = (typeof REASON_CLASSES)[number];

/** By the first words of a reason, the ones in the log line. */
const BEGINNINGS: readonly (readonly [string, ReasonClass])[] = [
  ['endpoints of ', 'endpoints'],
  ['certificate ', 'certificate'],
  ['default certificate', 'certificate'],
  ['route ', 'route'],
  ['server block of ', 'server-block'],
  ['new host ', 'host'],
  ['host ', 'host'],
  ['settings', 'settings'],
];

function classOf(reason: string): ReasonClass {
  return BEGINNINGS.find(([beginning]) => reason.startsWith(beginning))?.[1] ?? 'other';
}

/** The class that all reasons share; `several` where they do not, `other` where there are none. */
export function reasonClass(reasons: readonly string[]): ReasonClass {
  const classes = new Set(reasons.map(classOf));
  const [first = 'other'] = classes;
  return classes.size > 1 ? 'several' : first;
}
