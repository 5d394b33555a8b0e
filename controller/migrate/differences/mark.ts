/** What a mark says about sentences of docs/differences.md. */
import type { Condition } from '../conditions.ts';

/**
 * `differs`: an Ingress to which the sentences apply behaves differently. `detail`: the difference rarely matters, so
 * the Ingress still counts as the same. `invalid`: what happens with a value that is not accepted. `everyone`: the
 * sentences apply to each installation, whatever its Ingresses contain.
 */
export type MarkKind = 'differs' | 'detail' | 'invalid' | 'everyone';

export interface Mark {
  readonly kind: MarkKind;
  /**
   * Names of annotations without the prefix; a name that ends in `*` stands for all that begin with the rest. Keys of
   * the ConfigMap have the prefix `configmap:`, flags the prefix `--`. Empty: the condition alone decides.
   */
  readonly keys: readonly string[];
  /** The sentences apply only under this condition. */
  readonly when?: Condition;
  /** The beginning of the first sentence. */
  readonly from: string;
  /** The number of sentences. */
  readonly count: number;
}

type Where = string | readonly [from: string, count: number];

function mark(kind: MarkKind, keys: string, where: Where, when?: Condition): Mark {
  const [from, count] = typeof where === 'string' ? [where, 1] : where;
  const names = keys.split(' ').filter((each) => each !== '');
  return { kind, keys: names, from, count, ...(when !== undefined && { when }) };
}

export const differs = (keys: string, where: Where, when?: Condition): Mark => mark('differs', keys, where, when);
export const detail = (keys: string, where: Where, when?: Condition): Mark => mark('detail', keys, where, when);
export const invalid = (keys: string, where: Where): Mark => mark('invalid', keys, where);
export const everyone = (where: Where): Mark => mark('everyone', '', where);
