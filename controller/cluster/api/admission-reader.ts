/**
 * Reads the body of an AdmissionReview as it arrives. As in lists, fields that are not used (managedFields, the last
 * applied configuration) never become strings, and strings that exceed their bounds are shortened.
 */
import type { V1Ingress } from '@kubernetes/client-node';
import { z } from 'zod';
import type { BodyReader } from '../../types/admission.ts';
import type { Keeping } from '../../types/keeping.ts';
import { readItem } from './read-item.ts';
import { MOST_DEPTH, Skimmer } from './skim.ts';
import { reviewRule } from './skim-rules.ts';

/**
 * Maximum number of maps, lists, texts and numbers in a body, of those that are kept. Two Ingresses of 1.5 MB with 10,000
 * hosts each have 200,000.
 */
const MOST_VALUES = 300_000;

const TOO_DEEP = `the body is nested more than ${MOST_DEPTH} levels deep; expected an AdmissionReview about an Ingress`;
const TOO_MANY = `the body has more than ${MOST_VALUES} values; expected an AdmissionReview about an Ingress`;
const TRAILING = 'the body continues after its first JSON value; expected one AdmissionReview';

/** Returns a function that creates a reader for one body. */
export function admissionReaders(keeping: Keeping): () => BodyReader {
  const rule = reviewRule(keeping);
  return () => {
    const skimmer = new Skimmer(rule, false);
    let text: string | undefined;
    return {
      push: (chunk) => {
        const [first, ...others] = skimmer.push(chunk);
        // A document that has just ended is judged before what follows it.
        if (first?.isTooDeep === true || skimmer.isTooDeep) return TOO_DEEP;
        const more = others.length > 0 || (text !== undefined && first !== undefined);
        text ??= first?.text;
        if (skimmer.values > MOST_VALUES) return TOO_MANY;
        return more || (text !== undefined && skimmer.rest() !== '') ? TRAILING : undefined;
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
