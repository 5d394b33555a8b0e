/** Reviews Ingresses as the webhook does, without HTTP. */
import type { V1Ingress } from '@kubernetes/client-node';
import type { Build } from '../../app/build.ts';
import { createReview, type ReviewOptions } from '../../app/review.ts';
import { readReviewedIngress } from '../../cluster/index.ts';
import { keepingFor } from '../../model/ingress/keeping.ts';
import type { AdmissionVerdict } from '../../types/admission.ts';

export interface Reviewer {
  /** The Ingress as the controller would store it; undefined if it is malformed. */
  readonly stored: (ingress: V1Ingress) => V1Ingress | undefined;
  /** The verdict about a new Ingress, or about a change to `old`. */
  readonly review: (ingress: V1Ingress, old?: V1Ingress) => Promise<AdmissionVerdict | undefined>;
}

/** The Ingress as JSON of the API server. */
function jsonOf(ingress: V1Ingress): unknown {
  return JSON.parse(JSON.stringify(Object.assign({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }, ingress)));
}

export function reviewerOf(build: Build, options: Partial<ReviewOptions> = {}): Reviewer {
  const keeping = keepingFor(build.options);
  const read = (raw: unknown) => readReviewedIngress(raw, keeping);
  const review = createReview({
    build,
    settled: async () => undefined,
    read,
    lookUp: async () => ({ Secret: new Map(), ConfigMap: new Map() }),
    isWatched: () => true,
    allowsDuplicatePaths: false,
    measured: () => undefined,
    fault: (_, error) => {
      throw error;
    },
    ...options,
  });
  return {
    stored: (ingress) => read(jsonOf(ingress)),
    review: (ingress, old) =>
      review(
        {
          uid: 'u',
          operation: old === undefined ? 'CREATE' : 'UPDATE',
          namespace: ingress.metadata?.namespace ?? '',
          name: ingress.metadata?.name ?? '',
          object: jsonOf(ingress),
          oldObject: old === undefined ? null : jsonOf(old),
        },
        new AbortController().signal,
      ),
  };
}
