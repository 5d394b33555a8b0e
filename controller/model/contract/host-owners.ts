/** Which namespaces own which hosts. owners/ reads this from the cluster. */
import type { Kept, UseKey } from '../../types/last-good.ts';
import type { Problem } from '../../types/problem.ts';
import { emptyTable, type Table } from '../../types/table/table.ts';

/** The hosts that a namespace owns; it may use no others. */
export interface HostClaim {
  readonly patterns: ReadonlySet<string>;
  /**
   * Patterns of hosts that the claim only closes to namespaces without a claim: what an invalid list probably means,
   * or a list that is written where it gives hosts to no namespace. Absent if there are none.
   */
  readonly closes?: ReadonlySet<string>;
  /** Where the patterns are written: `the annotation tidegate.dev/hosts of Namespace shop`. */
  readonly where: string;
}

export interface HostOwners {
  /**
   * Namespace → its claim; a namespace without a claim may use the hosts that belong to nobody. The claim of a list
   * that belongs to no namespace has a key that no namespace can have as its name.
   */
  readonly claims: Table<HostClaim>;
  /** Key of `keysOfPattern` → the namespaces whose claims have such a pattern, sorted. */
  readonly index: Table<readonly string[]>;
  /** Why no namespace may use any host, as a clause; undefined if the owners are known. */
  readonly unknown?: string;
  /** Why a namespace without a claim may use no host, as a clause; undefined if every claim is known. */
  readonly doubt?: string;
  /** How an administrator lets a namespace use the names of a pattern, as an example for a Problem. */
  readonly example: (namespace: string, pattern: string) => string;
  readonly problems: readonly Problem[];
  /** The texts in force. Later builds fall back to them if a newer text is invalid. */
  readonly inForce?: readonly [UseKey, Kept];
}

/** --host-ownership=off: everybody may use every host. */
export const NO_OWNERS: HostOwners = { claims: emptyTable(), index: emptyTable(), example: () => '', problems: [] };
