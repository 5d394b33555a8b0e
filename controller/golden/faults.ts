/**
 * Errors of ours on demand, for tests of the safety net of builds: `throwing`, in place of the mocked function, throws
 * if the annotation upstream-vhost of an Ingress is `STAGE.fault.test`, unless its paths are closed, and for the name
 * `STAGE-always` in any case.
 */
export const STAGES = ['read', 'plan', 'render', 'live', 'name'] as const;
export type Stage = (typeof STAGES)[number];

/** `seen`: the input of the stage, whose names and values are checked. */
export function meet(stage: Stage, seen: unknown): void {
  const text = JSON.stringify(seen, (_, value: unknown) => (value instanceof Map ? [...value] : value));
  if (text.includes(`${stage}.fault.test`) || text.includes(`${stage}-always`))
    throw new TypeError(`thrown at ${stage}`);
}
