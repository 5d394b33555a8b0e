/** Whether this NGINX may serve HTTP/3. */
import type { Capabilities } from '../types/nginx.ts';
import { ADVISORIES, type AdvisoryList, releaseText, remedyText, withheldBecause } from './advisories.ts';
import type { NginxRelease } from './nginx-release.ts';

const MOST_NAMED = 3;

/**
 * What NGINX lacks for HTTP/3, as the end of a sentence that begins with `use-http3`; null: nothing. A known
 * vulnerability of HTTP/3 counts as a lack. Whether a package has its fix is judged by the package's version.
 */
export function http3Obstacle(
  { http3 }: Pick<Capabilities, 'http3'>,
  release: NginxRelease,
  list: AdvisoryList = ADVISORIES,
): string | null {
  if (!http3) return `needs an NGINX that was built with http_v3_module, which ${releaseText(release)} was not`;
  const known = withheldBecause('http3', release, list);
  if (known.length === 0) return null;
  const named = known.slice(0, MOST_NAMED).map((each) => `${each.id} (${each.title}; ${remedyText(each, release)})`);
  const more = known.length > MOST_NAMED ? ` and ${known.length - MOST_NAMED} more` : '';
  return (
    `needs an NGINX without known vulnerabilities of HTTP/3; ${releaseText(release)} has ${named.join(', ')}${more} ` +
    `(list of ${list.updated})`
  );
}
