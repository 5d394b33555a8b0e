/** How long NGINX lets the workers of an older configuration finish their requests. */

/** The default of the setting `worker-shutdown-timeout`, assumed if nginx.conf does not set worker_shutdown_timeout. */
const FALLBACK_MS = 240_000;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The value of `worker_shutdown_timeout` in an nginx.conf, in milliseconds. Times in nginx.conf look like `240s`, `4m`
 * or `1h30m`.
 */
export function shutdownTimeoutMs(conf: string): number {
  const text = /^\s*worker_shutdown_timeout\s+([0-9a-z ]+);/m.exec(conf)?.[1];
  if (text === undefined) return FALLBACK_MS;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/([0-9]+)(ms|[smhd])?/g)) {
    sum += Number(number) * (UNIT_MS[unit ?? 's'] ?? 1000);
  }
  return sum;
}
