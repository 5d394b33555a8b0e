/** Reduces reasons to a few classes for a metric's label, because reasons contain the names of hosts and Ingresses. */

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

/** The first words of a reason, as in the log line, and its class. */
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

/** The class of all reasons; `several` if they have different classes, `other` if there are no reasons. */
export function reasonClass(reasons: readonly string[]): ReasonClass {
  const classes = new Set(reasons.map(classOf));
  const [first = 'other'] = classes;
  return classes.size > 1 ? 'several' : first;
}
