/**
 * Formats an internal error as one line: the Ingress (`namespace/name`) that could not be built, and the stack trace.
 */
export function faultText(ingress: string, error: Error): string {
  const stack = (error.stack ?? error.message).split(/\s*\n\s*/).join(' | ');
  return `Ingress ${ingress}: building its configuration failed; this is a bug in Tidegate, please report it: ${stack}`;
}
