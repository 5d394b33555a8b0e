import type { V1Ingress } from '@kubernetes/client-node';
import type { Problem } from '../../types/problem.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { parseAnnotations } from '../features/annotations.ts';
import { ingressRef } from '../contract/object-ref.ts';
import type { BuildOptions } from '../contract/options.ts';
import { settingsOf } from '../settings/settings-of.ts';

/** For an Ingress that is not served: the Problems that can be found from its annotations alone. */
export function annotationProblems(ingress: V1Ingress, snapshot: Snapshot, options: BuildOptions): readonly Problem[] {
  const { settings } = settingsOf(snapshot, options);
  return parseAnnotations(ingress, ingressRef(ingress), options.annotationsPrefix, settings, options.bounds).problems;
}
