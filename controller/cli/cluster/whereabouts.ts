/** What became of an Ingress that was ours: the writer of the status asks, the model's rules of classes answer. */
import { chooseIngress, type ClassOptions } from '../../model/ingress/ingress-class.ts';
import type { Whereabouts } from '../../report/leavers.ts';
import type { Snapshot } from '../../types/snapshot.ts';

/** `key` is `namespace/name`. 'unknown' also for one of ours, and for one whose class does not exist or is not named. */
export function whereaboutsIn(snapshot: Snapshot, key: string, options: ClassOptions): Whereabouts {
  const ingress = snapshot.Ingress.get(key);
  if (ingress === undefined) return 'gone';
  const names = [ingress.spec?.ingressClassName, ingress.metadata?.annotations?.['kubernetes.io/ingress.class']];
  const { ours, problem } = chooseIngress(ingress, snapshot, options);
  const named = names.some((name) => name !== undefined && name !== '');
  return !ours && problem === undefined && named ? 'another-class' : 'unknown';
}
