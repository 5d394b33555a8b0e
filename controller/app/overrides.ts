/** Collects what a build depends on besides the Snapshot while the controller runs. */
import { CHANGING_OPTIONS } from '../model/contract/options.ts';
import type { Overrides } from './build.ts';
import type { LeftOut } from './quarantine.ts';

type Found = Pick<Overrides, 'resolvedNames' | 'intermediates' | 'streamPorts'>;

export interface OverridesOptions {
  /** The first value of `streamPorts`. */
  readonly streamPorts: Overrides['streamPorts'];
  readonly leftOut: () => LeftOut;
  readonly keptSecrets: () => NonNullable<Overrides['keptSecrets']>;
  readonly lastGood: () => NonNullable<Overrides['lastGood']>;
  readonly now: () => number;
}

export interface CurrentOverrides {
  /** Returns the same object until something changes. */
  readonly current: () => Overrides;
  /** Sets what was found outside the cluster: addresses, certificates, usable ports. */
  readonly found: (found: Partial<Found>) => void;
}

export function createOverrides({
  streamPorts,
  leftOut,
  keptSecrets,
  lastGood,
  now,
}: OverridesOptions): CurrentOverrides {
  let others: Found = { resolvedNames: new Map(), ...(streamPorts !== undefined && { streamPorts }) };
  let known: Overrides | undefined;
  return {
    current: () => {
      const next = { ...others, ...leftOut(), keptSecrets: keptSecrets(), lastGood: lastGood(), now: now() };
      if (known === undefined || !sameParts(known, next)) known = next;
      return known;
    },
    found: (found) => {
      others = { ...others, ...found };
    },
  };
}

function sameParts(a: Overrides, b: Overrides): boolean {
  return CHANGING_OPTIONS.every((part) => a[part] === b[part]);
}
