/** The server-snippet of a host: that of the oldest Ingress with a server-snippet. */
import type { Directive } from '../../types/directive.ts';
import type { LiveScript, LiveSnippet } from '../../types/live-snippet.ts';
import type { Problem } from '../../types/problem.ts';
import { annotationOf } from '../contract/annotation-field.ts';
import { buffersOfSettings, type PlaceBuffers } from '../features/fitting-buffers.ts';
import type { IngressModel } from '../ingress/ingress-model.ts';
import type { Settings } from '../settings/settings.ts';
import { formatObject } from '../../types/problem.ts';
import type { Match } from '../../types/plan.ts';
import { contributeToServer } from '../features/snippets/contribute.ts';
import { leadsElsewhere, withoutMoves } from '../features/snippets/moved-paths.ts';

export interface ServerSnippet {
  /** Directives for the server block in nginx.conf. */
  readonly directives: readonly Directive[];
  /** The part of the snippet that Lua runs for each request. */
  readonly script: LiveScript | undefined;
  /** Replaces `script` in every location except the prefix `/`. */
  readonly elsewhere: LiveScript | undefined;
  /** Buffer sizes in force in the server block. */
  readonly buffers: PlaceBuffers;
}

/**
 * The snippet that a host uses; every Ingress whose snippet is not used is reported. `models`: Ingresses of the host,
 * oldest first; `locations`: matches of the host's locations.
 */
export function serverSnippet(
  host: string,
  models: readonly IngressModel[],
  locations: readonly Match[],
  settings: Settings,
  problems: Problem[],
): ServerSnippet {
  const [first, ...others] = models.filter((model) => model.host.snippet !== undefined);
  if (first?.host.snippet === undefined)
    return { directives: [], script: undefined, elsewhere: undefined, buffers: buffersOfSettings(settings) };
  for (const { ref, prefix, ingress } of others) {
    problems.push({
      code: 'server-snippet-not-first',
      severity: 'warning',
      effect: 'ignored-key',
      object: ref,
      ...annotationOf({ ingress, prefix }, 'server-snippet'),
      message:
        `server-snippet has no effect on ${host === '' ? 'requests for other hosts' : host}: the server-snippet of ` +
        `the older ${formatObject(first.ref)} applies`,
    });
  }
  const { changed, ...snippet } = contributeToServer(first.host.snippet, settings);
  const written = annotationOf(first, 'server-snippet');
  for (const message of changed)
    problems.push({
      code: 'buffers',
      severity: 'warning',
      effect: 'corrected-key',
      object: first.ref,
      ...written,
      message,
    });
  const path = snippet.script === undefined ? undefined : leadsElsewhere(snippet.script, locations);
  if (path !== undefined) {
    problems.push({
      code: 'snippet-rewrite',
      severity: 'error',
      effect: 'denied-location',
      object: first.ref,
      ...written,
      message: `server-snippet rewrites to ${path}, which another path of ${host === '' ? 'the Ingresses without a host' : host} may match; every path of that host answers 503`,
      example: `a configuration-snippet with rewrite … break, for a path that leads to the same Service`,
    });
    const closed: LiveScript = { steps: [{ return: 503 }] };
    return { ...snippet, script: closed, elsewhere: closed };
  }
  return { ...snippet, elsewhere: snippet.script === undefined ? undefined : withoutMoves(snippet.script) };
}

/**
 * Whether a location is the prefix `/`. Only in this location do the rewrites of a server-snippet apply; in all others,
 * they are replaced by 503.
 */
export function isRoot({ kind, text }: Match): boolean {
  return kind === 'prefix' && text === '/';
}

/** The snippets of one route: its own, and that of the host; undefined if there are none. */
export function routeSnippet(
  own: LiveSnippet | undefined,
  match: Match,
  { script, elsewhere }: ServerSnippet,
): LiveSnippet | undefined {
  const server = isRoot(match) ? script : elsewhere;
  return server === undefined ? own : { server, ...own };
}
