/** A fault of this program as one line: the Ingress, `namespace/name`, whose part could not be built, and the stack trace. */
export function faultText(ingress: string, error: Error): string {
  const stack = (error.stack ?? error.message).split(/\s*\n\s*/).join(' | ');
  return `Ingress ${ingress}: building its configuration failed, which is a fault of Tidegate; please report: ${stack}`;
}
