/**
 * Faults of ours on command, for tests of the net under building: `throwing` in the place of the function that is mocked
 * throws where the annotation upstream-vhost of an Ingress says `STAGE.fault.test`, unless its paths are closed, and for the
 * name `STAGE-always` in any case.
 */
export const STAGES = ['read', 'plan', 'render', 'live', 'name'] as const;
export type Stage = (typeof STAGES)[number];

/** `seen`: what the stage is given, of which names and values are looked at. */
export function meet(stage: Stage, seen: unknown): void {
  const text = JSON.stringify(seen, (_, value: unknown) => (value instanceof Map ? [...value] : value));
  if (text.includes(`${stage}.fault.test`) || text.includes(`${stage}-always`))
    throw new TypeError(`thrown at ${stage}`);
}
