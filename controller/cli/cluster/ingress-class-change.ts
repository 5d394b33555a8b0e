/** What became of an Ingress that was ours: the status writer asks, the model's class rules answer. */
import { chooseIngress, type ClassOptions } from '../../model/ingress/ingress-class.ts';
import type { ClassChange } from '../../report/handed-over-ingresses.ts';
import type { Snapshot } from '../../types/snapshot.ts';

/** `key` is `namespace/name`. Also 'unknown' for one of ours, and for one whose class is missing or not named. */
export function classChangeIn(snapshot: Snapshot, key: string, options: ClassOptions): ClassChange {
  const ingress = snapshot.Ingress.get(key);
  if (ingress === undefined) return 'gone';
  const names = [ingress.spec?.ingressClassName, ingress.metadata?.annotations?.['kubernetes.io/ingress.class']];
  const { ours, problem } = chooseIngress(ingress, snapshot, options);
  const named = names.some((name) => name !== undefined && name !== '');
  return !ours && problem === undefined && named ? 'another-class' : 'unknown';
}
