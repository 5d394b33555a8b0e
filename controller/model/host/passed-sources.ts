/**
 * Access lists for the TLS connections of a host that NGINX passes on without decrypting them: njs checks the client's
 * address, because NGINX's own rules apply to requests.
 */
import { literal } from '../../types/conf-value.ts';
import { directive } from '../../types/directive.ts';
import type { LiveSources } from '../../types/live-sources.ts';
import type { LocationSettings } from '../features/location-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { sourcesOf } from '../values/access-lists.ts';
import { sourceRanges } from '../values/source-ranges.ts';

interface SettingSources {
  /** block-cidrs, which applies whatever lists an Ingress has. */
  readonly blocked: readonly LiveSources[];
  /** The lists for Ingresses without a list of their own. */
  readonly listed: readonly LiveSources[];
}

/** Remembered for each ConfigMap, because its tables may be large and all hosts share them. */
const known = new WeakMap<Settings, SettingSources>();

function settingSources(settings: Settings): SettingSources {
  const before = known.get(settings);
  if (before !== undefined) return before;
  const blocked = settings['block-cidrs'].map((network) => directive('deny', literal(network)));
  const listed = sourceRanges(settings['whitelist-source-range'], settings['denylist-source-range']);
  const now = {
    blocked: blocked.length === 0 ? [] : [sourcesOf(blocked)],
    listed: listed.length === 0 ? [] : [sourcesOf(listed)],
  };
  known.set(settings, now);
  return now;
}

/** The tables, each of which may deny a client; those of `location` are the lists of the path `/`. */
export function passedSources(
  { directives, route }: Pick<LocationSettings, 'directives' | 'route'>,
  settings: Settings,
): readonly LiveSources[] {
  const { blocked, listed } = settingSources(settings);
  const own = directives.filter(({ name }) => name === 'allow' || name === 'deny');
  if (own.length === 0) return [...blocked, ...listed];
  return [...blocked, route.sources ?? sourcesOf(own)];
}
