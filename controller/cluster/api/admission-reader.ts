/**
 * Reads the body of an AdmissionReview as it arrives. As in lists, fields that are not used (managedFields, the last
 * applied configuration) never become strings, and strings that exceed their bounds are shortened.
 */
import type { V1Ingress } from '@kubernetes/client-node';
import { z } from 'zod';
import type { BodyReader } from '../../types/admission.ts';
import type { Keeping } from '../../types/keeping.ts';
import { readItem } from './read-item.ts';
import { Skimmer } from './skim.ts';
import { reviewRule } from './skim-rules.ts';

/** Returns a function that creates a reader for one body. */
export function admissionReaders(keeping: Keeping): () => BodyReader {
  const rule = reviewRule(keeping);
  return () => {
    const skimmer = new Skimmer(rule, false);
    let text: string | undefined;
    return {
      push: (chunk) => {
        for (const document of skimmer.push(chunk)) text ??= document;
      },
      end: () => text,
    };
  };
}

const text = z.string().nullish();
const backend = z
  .object({
    service: z.object({ name: text, port: z.object({ number: z.number().nullish(), name: text }).nullish() }).nullish(),
  })
  .nullish();
const path = z.object({ path: text, pathType: text, backend });
const rule = z.object({ host: text, http: z.object({ paths: z.array(path).nullish() }).nullish() });

/** The types of the fields that are read. An API server has checked them; other callers may send anything. */
const INGRESS = z.object({
  metadata: z.object({
    name: text,
    namespace: text,
    uid: text,
    creationTimestamp: text,
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z
    .object({
      ingressClassName: text,
      defaultBackend: backend,
      tls: z.array(z.object({ hosts: z.array(z.string()).nullish(), secretName: text })).nullish(),
      rules: z.array(rule).nullish(),
    })
    .nullish(),
});

/** The stored form of an Ingress in a review; undefined if it is malformed. */
export function readReviewedIngress(raw: unknown, keeping: Keeping): V1Ingress | undefined {
  if (!INGRESS.safeParse(raw).success) return undefined;
  return readItem('Ingress', raw, { keeping })?.object as V1Ingress | undefined;
}
