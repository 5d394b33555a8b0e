/**
 * Finds out why Tidegate no longer serves an Ingress, by the model's rules for classes. The status writer needs to know
 * that.
 */
import { chooseIngress, type ClassOptions } from '../../model/ingress/ingress-class.ts';
import type { ClassChange } from '../../report/handed-over-ingresses.ts';
import type { Snapshot } from '../../types/snapshot.ts';

/**
 * Returns why Tidegate no longer serves the Ingress `key` (`namespace/name`). Also returns 'unknown' for an Ingress of
 * our own class, for one that names no class, and for one whose class does not exist.
 */
export function classChangeIn(snapshot: Snapshot, key: string, options: ClassOptions): ClassChange {
  const ingress = snapshot.Ingress.get(key);
  if (ingress === undefined) return 'gone';
  const names = [ingress.spec?.ingressClassName, ingress.metadata?.annotations?.['kubernetes.io/ingress.class']];
  const { ours, problem } = chooseIngress(ingress, snapshot, options);
  const named = names.some((name) => name !== undefined && name !== '');
  return !ours && problem === undefined && named ? 'another-class' : 'unknown';
}
