/**
 * Throws errors on demand, for tests of how builds handle bugs. The tests replace a function of a stage with one that
 * calls `meet` first. `meet` throws if the stage's input contains an Ingress whose annotation upstream-vhost is
 * `STAGE.fault.test`. If the paths of that Ingress answer 503, the value is not in the input. An Ingress with the name
 * `STAGE-always` has the same effect, and the name stays in the input in any case.
 */
export const STAGES = ['read', 'plan', 'render', 'live', 'name'] as const;
export type Stage = (typeof STAGES)[number];

/** Throws if `seen`, the input of the stage, contains one of these strings. */
export function meet(stage: Stage, seen: unknown): void {
  const text = JSON.stringify(seen, (_, value: unknown) => (value instanceof Map ? [...value] : value));
  if (text.includes(`${stage}.fault.test`) || text.includes(`${stage}-always`))
    throw new TypeError(`thrown at ${stage}`);
}
