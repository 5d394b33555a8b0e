/**
 * Reads the body of an AdmissionReview as it arrives. As in lists, fields that are not used (managedFields, the last
 * applied configuration) never become strings, and strings that exceed their bounds are shortened.
 */
import type { BodyReader } from '../../types/admission.ts';
import type { Keeping } from '../../types/keeping.ts';
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
