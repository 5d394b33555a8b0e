/** The snippets of the ConfigMap: directives of the administrator, of which a bad one leaves its last good text in force. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import { ConfTree } from '../types/conf-tree.ts';
import type { AdminSnippets } from '../types/plan.ts';
import type { Problem } from '../types/problem.ts';
import type { Settings } from './settings/settings.ts';
import { adminSnippet } from './values/snippet.ts';

/** Where each goes, and how far it is indented there. */
const INDENTS = { 'main-snippet': 0, 'http-snippet': 4, 'server-snippet': 8, 'location-snippet': 12 } as const;
export type AdminSnippetName = keyof typeof INDENTS;
const NAMES = Object.keys(INDENTS) as AdminSnippetName[];

/** What is known of their texts, by the key of the ConfigMap. */
export interface SnippetTexts {
  /** Those that NGINX runs with. */
  readonly good: ReadonlyMap<string, string>;
  /** Those that it refused. */
  readonly refused: ReadonlyMap<string, RefusedSnippet>;
}

export interface RefusedSnippet {
  readonly text: string;
  /** What nginx said. */
  readonly message: string;
}

export const NO_TEXTS: SnippetTexts = { good: new Map(), refused: new Map() };

/** The ConfigMap with the last good text in the place of each bad one; undefined where none is bad. */
export function withGoodSnippets(
  configMap: V1ConfigMap,
  { good, refused }: SnippetTexts,
): { readonly configMap: V1ConfigMap; readonly problems: readonly Problem[] } | undefined {
  const data: Record<string, string> = { ...configMap.data };
  const problems: Problem[] = [];
  for (const name of NAMES) {
    const raw = data[name]?.trim() ?? '';
    if (raw === '') continue;
    const parsed = adminSnippet.parse(raw);
    const refusal = refused.get(name);
    const said = refusal?.text === raw ? `is refused by nginx: ${refusal.message}` : undefined;
    const reason = parsed.ok ? said : parsed.reason;
    if (reason === undefined) continue;
    const last = good.get(name) ?? '';
    data[name] = last;
    problems.push({
      code: 'bad-snippet',
      severity: 'error',
      effect: 'ignored-key',
      object: {
        kind: 'ConfigMap',
        namespace: configMap.metadata?.namespace ?? '',
        name: configMap.metadata?.name ?? '',
      },
      field: ['data', name],
      message: `${name} ${reason}; ${last === '' ? 'it is left out' : 'its last good text stays in force'}`,
    });
  }
  if (problems.length === 0) return undefined;
  const { metadata } = configMap;
  return { configMap: { ...(metadata !== undefined && { metadata }), data }, problems };
}

const NONE: AdminSnippets = { texts: new Map(), main: null, http: null, server: null, location: null };
const trees = new WeakMap<Settings, AdminSnippets>();

/** What goes where in nginx.conf. */
export function planSnippets(settings: Settings): AdminSnippets {
  const texts = new Map(NAMES.flatMap((name) => (settings[name] === '' ? [] : [[name, settings[name]] as const])));
  if (texts.size === 0) return NONE;
  const known = trees.get(settings);
  if (known !== undefined) return known;
  const tree = (name: AdminSnippetName) => {
    const text = texts.get(name);
    return text === undefined ? null : new ConfTree(text, INDENTS[name]);
  };
  const planned: AdminSnippets = {
    texts,
    main: tree('main-snippet'),
    http: tree('http-snippet'),
    server: tree('server-snippet'),
    location: tree('location-snippet'),
  };
  trees.set(settings, planned);
  return planned;
}

/** Which of the snippets nginx.conf holds, as it was written there: the last good ones after a restart. */
export function snippetsIn(conf: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of NAMES) {
    const match = new RegExp(`# ${name} of the ConfigMap\\n([\\s\\S]*?)\\n *# end of ${name}\\n`).exec(conf);
    if (match?.[1] !== undefined) found.set(name, match[1].trim());
  }
  return found;
}

/** Variables that an http-snippet makes with map, geo or split_clients: tenants may read them. */
export function variablesOf(httpSnippet: string): ReadonlySet<string> {
  if (httpSnippet === '') return NO_VARIABLES;
  const nodes = new ConfTree(httpSnippet, 0).nodes;
  const names = nodes
    .filter(({ words: [name = ''], children }) => children !== undefined && MAKING.has(name))
    .map(({ words }) => /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(words.at(-1) ?? '')?.[1]?.toLowerCase());
  return new Set(names.flatMap((name) => (name === undefined || name.startsWith('tidegate_') ? [] : [name])));
}
const MAKING = new Set(['map', 'geo', 'split_clients']);
const NO_VARIABLES: ReadonlySet<string> = new Set();
