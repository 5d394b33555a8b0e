/**
 * How many regular expressions a host may have: nginx tries them one after the other for each request. Ingresses of
 * the namespace that owns the host come first, the oldest of them before the others.
 */

/** Locations of one host. Each takes NGINX some 50 ns a request. */
const MOST_LOCATIONS = 5000;
/** Steps of PCRE that they take together, for the worst path of 8 KiB: some 50 ms. Usual ones take less than 60,000. */
const MOST_STEPS = 30_000_000;

/** Counts some more locations of a host; why they do not fit, as the end of a sentence, or undefined. */
export type HostRegexes = (locations: number, steps: number) => string | undefined;

export function hostRegexes(): HostRegexes {
  let [all, total] = [0, 0];
  return (locations, steps) => {
    if (all + locations > MOST_LOCATIONS)
      return `is left out because the host has more than ${MOST_LOCATIONS} regular expressions`;
    if (total + steps > MOST_STEPS)
      return `is left out because the regular expressions of the host can take more than ${MOST_STEPS} steps a request`;
    all += locations;
    total += steps;
    return undefined;
  };
}
