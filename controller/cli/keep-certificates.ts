/** Parses the value of --keep-certificates. */
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const UNTIL_EXPIRY = 'until-expiry';

/** Returns milliseconds, with Infinity for `until-expiry`. Returns undefined for an invalid string. */
export function keepMs(text: string): number | undefined {
  if (text === UNTIL_EXPIRY) return Infinity;
  if (text === '0') return 0;
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (UNITS[unit] ?? 0);
}

export function badKeep(text: string): string {
  return `--keep-certificates: ${JSON.stringify(text)} is not a time; accepted: ${UNTIL_EXPIRY}, 0, or for example 36h or 7d`;
}
