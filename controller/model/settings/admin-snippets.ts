/** The snippets of the ConfigMap: nginx directives that the administrator adds. */
import { ConfTree } from '../../types/conf-tree.ts';
import type { AdminSnippets } from '../../types/plan.ts';
import { parseConf } from '../../types/tokenizer.ts';
import type { Settings } from './settings.ts';
import { closedText, isClosed } from './snippet-guards.ts';
import { usesHeadersMore } from '../values/headers-more.ts';

/** Indentation of each snippet in nginx.conf. */
const INDENTS = { 'main-snippet': 0, 'http-snippet': 4, 'server-snippet': 8, 'location-snippet': 12 } as const;
type AdminSnippetName = keyof typeof INDENTS;
const NAMES = Object.keys(INDENTS) as AdminSnippetName[];

const NONE: AdminSnippets = { main: null, http: null, server: null, location: null, headersMore: false };
const trees = new WeakMap<Settings, AdminSnippets>();

/** The snippet for each level of nginx.conf. */
export function planSnippets(settings: Settings): AdminSnippets {
  if (NAMES.every((name) => settings[name] === '')) return NONE;
  const known = trees.get(settings);
  if (known !== undefined) return known;
  const tree = (name: AdminSnippetName) => {
    const text = settings[name];
    return text === '' ? null : new ConfTree(text, INDENTS[name]);
  };
  const shut = isClosed('http-snippet', settings['http-snippet']);
  const server = [shut ? (closedText('server-snippet') ?? '') : '', settings['server-snippet']].join('\n').trim();
  // If the main-snippet loads headers-more itself, Tidegate must not: nginx refuses to load a module twice.
  const own = settings['main-snippet'].includes('headers_more');
  const planned: AdminSnippets = {
    main: tree('main-snippet'),
    http: tree('http-snippet'),
    server: server === '' ? null : new ConfTree(server, INDENTS['server-snippet']),
    location: tree('location-snippet'),
    headersMore: !own && NAMES.some((name) => usesHeadersMore(parseConf(settings[name]))),
  };
  trees.set(settings, planned);
  return planned;
}

/** Variables that an http-snippet defines with map, geo or split_clients. Tenants' values may use them. */
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
