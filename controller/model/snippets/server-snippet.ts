/** The server-snippet of a host: that of its oldest Ingress that has one. */
import type { Directive } from '../../types/directive.ts';
import type { LiveScript, LiveSnippet } from '../../types/live-snippet.ts';
import type { Problem } from '../../types/problem.ts';
import { annotationField } from '../annotations/annotations.ts';
import { buffersOfSettings, type PlaceBuffers } from '../fitting-buffers.ts';
import type { IngressModel } from '../ingress-model.ts';
import type { Settings } from '../settings/settings.ts';
import { formatObject } from '../../types/problem.ts';
import { contributeToServer } from './contribute.ts';

export interface ServerSnippet {
  readonly directives: readonly Directive[];
  readonly script: LiveScript | undefined;
  /** Those in force in the server block. */
  readonly buffers: PlaceBuffers;
}

/** `models`: oldest first. Each further Ingress with a snippet of its own is reported. */
export function serverSnippet(
  host: string,
  models: readonly IngressModel[],
  settings: Settings,
  problems: Problem[],
): ServerSnippet {
  const [first, ...others] = models.filter((model) => model.host.snippet !== undefined);
  if (first?.host.snippet === undefined)
    return { directives: [], script: undefined, buffers: buffersOfSettings(settings) };
  for (const { ref, prefix } of others) {
    problems.push({
      code: 'server-snippet-not-first',
      severity: 'warning',
      effect: 'ignored-key',
      object: ref,
      field: annotationField(`${prefix}/server-snippet`),
      message: `server-snippet has no effect on ${host === '' ? 'requests for other hosts' : host}: that of ${formatObject(first.ref)}, which is older, holds there`,
    });
  }
  const { changed, ...snippet } = contributeToServer(first.host.snippet, settings);
  const field = annotationField(`${first.prefix}/server-snippet`);
  for (const message of changed)
    problems.push({ code: 'buffers', severity: 'warning', effect: 'ignored-key', object: first.ref, field, message });
  return snippet;
}

/** The snippets of one route; undefined where it has none. */
export function routeSnippet(own: LiveSnippet | undefined, { script }: ServerSnippet): LiveSnippet | undefined {
  return script === undefined ? own : { server: script, ...own };
}
