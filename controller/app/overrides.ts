/** Collects what a build depends on besides the Snapshot while the controller runs. */
import { CHANGING_OPTIONS } from '../model/contract/options.ts';
import type { Overrides } from './build.ts';
import type { LeftOut } from './quarantine.ts';

type Found = Pick<Overrides, 'resolvedNames' | 'intermediates'>;

export interface OverridesOptions {
  readonly leftOut: () => LeftOut;
  readonly keptSecrets: () => NonNullable<Overrides['keptSecrets']>;
  readonly lastGood: () => NonNullable<Overrides['lastGood']>;
  readonly now: () => number;
}

export interface CurrentOverrides {
  /** Returns the same object until something changes. */
  readonly current: () => Overrides;
  /** Sets addresses or certificates that were found outside the cluster. */
  readonly found: (found: Partial<Found>) => void;
}

export function createOverrides({ leftOut, keptSecrets, lastGood, now }: OverridesOptions): CurrentOverrides {
  let others: Found = { resolvedNames: new Map() };
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
