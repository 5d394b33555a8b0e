/**
 * Limits for the regular expressions of a host: nginx tries them one after another for each request. The caller counts
 * the paths of the namespace that owns the host first, and older Ingresses before younger ones.
 */

/** Maximum number of locations with regular expressions in one host. Each costs NGINX about 50 ns per request. */
const MOST_LOCATIONS = 5000;
/**
 * Maximum number of PCRE steps that all regular expressions of a host together may take for the worst path of 8 KiB.
 * This number of steps takes about 50 ms; a usual regular expression takes fewer than 60,000 steps.
 */
const MOST_STEPS = 30_000_000;

/**
 * Counts additional locations of a host. Returns undefined if they are within the limits; otherwise the reason why they
 * are left out, as the end of a sentence that begins with the path.
 */
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
