import type { NotAnswered } from '../api/ask.ts';

/** Why there is no answer. What was known before stays in view. */
export function Failure({ failure }: { readonly failure: NotAnswered | undefined }) {
  if (failure === undefined) return null;
  return (
    <p class="notice bad" role="alert">
      {failure.message}
      {failure.status === 0 && ' This page shows what was last known, and tries again by itself.'}
    </p>
  );
}
