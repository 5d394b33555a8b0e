import type { ObjectRef, Problem } from '../../types/problem.ts';
import type { Quarantine } from '../contract/options.ts';

/** What is reported about a quarantined Ingress: why it is quarantined, and what is served instead. */
export function quarantineProblem(
  object: ObjectRef,
  { message, lastGood, absent, waiting, fault }: Quarantine,
): Problem {
  const served =
    lastGood !== undefined
      ? 'its last good version is served'
      : absent === true
        ? 'it is left out'
        : 'its paths answer 503';
  if (fault === true)
    return {
      code: 'internal-fault',
      severity: 'error',
      effect: 'quarantined',
      object,
      message:
        `Tidegate failed while it built the configuration of this Ingress (${message}); ${served}. This is a fault ` +
        'of Tidegate, not of the Ingress: please report it with the stack trace in the log',
    };
  const what =
    waiting === true
      ? `nginx refused this Ingress before (${message}); this version will be tested soon, or in a few minutes if ` +
        'the Ingress was refused often'
      : `nginx refuses the configuration of this Ingress: ${message}`;
  return {
    code: 'refused-by-nginx',
    severity: 'error',
    effect: 'quarantined',
    object,
    message: `${what}; ${served}`,
  };
}
