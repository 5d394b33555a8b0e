/**
 * Limits for the regular expressions of a host: nginx tries them one after the other for each request. Ingresses of the
 * namespace that owns the host come first, the oldest of them before the others.
 */

/** Maximum number of locations of one host. Each takes NGINX about 50 ns per request. */
const MOST_LOCATIONS = 5000;
/**
 * Maximum number of PCRE steps of all of them together, for the worst path of 8 KiB: about 50 ms. Usual ones take less
 * than 60,000.
 */
const MOST_STEPS = 30_000_000;

/** Counts further locations of a host; why they exceed a limit, as the end of a sentence, or undefined. */
export type HostRegexes = (locations: number, steps: number) => string | undefined;

export function hostRegexes(): HostRegexes {
  let [all, total] = [0, 0];
  return (locations, steps) => {
    if (all + locations > MOST_LOCATIONS)
      return `is left out because the host has more than ${MOST_LOCATIONS} regular expressions`;
    if (total + steps > MOST_STEPS)
      return `is left out because the regular expressions of the host can take more than ${MOST_STEPS} steps for a request`;
    all += locations;
    total += steps;
    return undefined;
  };
}
