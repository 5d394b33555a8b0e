/**
 * Reads the body of an AdmissionReview as it arrives. As in lists, fields that are not used (managedFields, the last
 * applied configuration) never become strings, and strings that exceed their bounds are shortened.
 */
import type { V1Ingress } from '@kubernetes/client-node';
import type { BodyReader } from '../../types/admission.ts';
import { isRecord } from '../../types/is-record.ts';
import type { Keeping } from '../../types/keeping.ts';
import { readItem } from './read-item.ts';
import { MOST_LEVELS, Skimmer } from './skim.ts';
import { reviewRule } from './skim-rules.ts';
import { createSurrogateFilter } from './surrogate-filter.ts';

/**
 * Maximum number of maps, lists, texts and numbers in a body, of those that are kept. Two Ingresses of 1.5 MB with
 * 10,000 hosts each have 200,000.
 */
const MOST_VALUES = 300_000;

const TOO_DEEP = `the body is nested more than ${MOST_LEVELS} levels deep; expected an AdmissionReview about an Ingress`;
const TOO_MANY = `the body has more than ${MOST_VALUES} values; expected an AdmissionReview about an Ingress`;
const TRAILING = 'the body continues after its first JSON value; expected one AdmissionReview';

/** Returns a function that creates a reader for one body. */
export function admissionReaders(keeping: Keeping): () => BodyReader {
  const rule = reviewRule(keeping);
  return () => {
    const skimmer = new Skimmer(rule, false);
    const wellFormed = createSurrogateFilter();
    let text: string | undefined;
    return {
      push: (chunk) => {
        const [first, ...others] = skimmer.push(wellFormed.push(chunk));
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

type Check = (value: unknown) => boolean;

function optional(check: Check): Check {
  return (value) => value === undefined || value === null || check(value);
}

/** A map in which the values of these members pass their checks. Ends at the first that does not, as `list` does. */
function map(members: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(members);
  return (value) => isRecord(value) && checks.every(([name, check]) => check(value[name]));
}

function list(check: Check): Check {
  return (value) => Array.isArray(value) && value.every((each: unknown) => check(each));
}

const isString: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const texts: Check = (value) => isRecord(value) && Object.values(value).every(isString);
const text = optional(isString);

const port = optional(map({ number: optional(isNumber), name: text }));
const backend = optional(map({ service: optional(map({ name: text, port })) }));
const path = map({ path: text, pathType: text, backend });
const rule = map({ host: text, http: optional(map({ paths: optional(list(path)) })) });
const tls = map({ hosts: optional(list(isString)), secretName: text });

/** The types of the fields that are read. An API server has checked them; other callers may send anything. */
const isIngress = map({
  metadata: map({ name: text, namespace: text, uid: text, creationTimestamp: text, annotations: optional(texts) }),
  spec: optional(
    map({ ingressClassName: text, defaultBackend: backend, tls: optional(list(tls)), rules: optional(list(rule)) }),
  ),
});

/** The stored form of an Ingress in a review; undefined if it is malformed. */
export function readReviewedIngress(raw: unknown, keeping: Keeping): V1Ingress | undefined {
  if (!isIngress(raw)) return undefined;
  return readItem('Ingress', raw, { keeping })?.object as V1Ingress | undefined;
}
