/** Annotations that need buffering: nginx silently ignores bandwidth limits for responses that it does not buffer. */
import type { LocationContext, LocationContribution } from '../features/annotation.ts';

/** Reports annotations that have no effect because `proxy-buffering` is off. */
export function reportUnbuffered(contributions: readonly LocationContribution[], context: LocationContext): void {
  const names = contributions.flatMap((each) => each.needsBuffering ?? []);
  if (names.length === 0 || isBuffered(contributions, context)) return;
  for (const name of names)
    context.report({
      code: 'not-buffered',
      severity: 'warning',
      effect: 'ignored-key',
      field: context.annotationField(name),
      message: `${name} has no effect: NGINX limits only responses that it buffers`,
      example: 'proxy-buffering: "on"',
    });
}

function isBuffered(contributions: readonly LocationContribution[], { settings }: LocationContext): boolean {
  const protocol = contributions.findLast((each) => each.protocol !== undefined)?.protocol ?? 'http';
  if (protocol === 'grpc' || protocol === 'grpcs') return false;
  const own = contributions.flatMap((each) => each.pass ?? []).findLast(({ suffix }) => suffix === 'buffering');
  return (own?.args[0]?.meaning ?? settings['proxy-buffering']) === 'on';
}
