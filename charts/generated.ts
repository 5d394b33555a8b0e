/**
 * What templates cannot find out by themselves, written below charts/tidegate/files: `node charts/generated.ts`. A test
 * keeps both files up to date.
 */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { FLAGS } from '../controller/cli/flags.ts';
import { SETTING_KEYS } from '../controller/model/settings/settings.ts';
import { VERDICT_TEXT } from '../controller/model/verdict.ts';

const CHART = join(import.meta.dirname, 'tidegate');

interface SchemaNode {
  readonly $ref?: string;
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: unknown;
}

/** Definition of the schema → what templates make of a value that is empty, or written, in the manner of another type. */
const KINDS: Readonly<Record<string, string>> = {
  flag: 'flag',
  count: 'count',
  map: 'map',
  texts: 'map',
  strings: 'list',
  objects: 'list',
};

/** Path → kind, parents before their children. */
function kindsBelow(node: SchemaNode, path: string): [string, string][] {
  const kind = KINDS[node.$ref?.split('/').at(-1) ?? ''] ?? (node.properties === undefined ? undefined : 'map');
  const own: [string, string][] = path === '' || kind === undefined ? [] : [[path, kind]];
  const below = Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
    kindsBelow(child, path === '' ? name : `${path}.${name}`),
  );
  return [...own, ...below];
}

/** A flag without default means something else where it is absent than where it is false. */
function withOptional(kinds: readonly (readonly [string, string])[], defaults: unknown): Record<string, string> {
  const has = (path: string): boolean => {
    let found: unknown = defaults;
    for (const name of path.split('.')) found = (found as Readonly<Record<string, unknown>> | undefined)?.[name];
    return found !== undefined;
  };
  return Object.fromEntries(
    kinds.map(([path, kind]) => [path, kind === 'flag' && !has(path) ? 'optional-flag' : kind]),
  );
}

/** A value as it stands in a ConfigMap. */
function asText(value: unknown): string {
  if (Array.isArray(value)) return value.map(asText).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Settings and flags that are accepted and do nothing. */
function withoutEffect() {
  const settings: Record<string, { why: string; idle: string[]; unguarded?: true }> = {};
  for (const [key, { verdict, fallback }] of SETTING_KEYS) {
    if (verdict === undefined) continue;
    settings[key] = {
      why: `${VERDICT_TEXT[verdict.kind]}: ${verdict.why}`,
      idle: [fallback, ...(verdict.idle ?? [])].map(asText),
      ...(verdict.severity === 'error' && { unguarded: true }),
    };
  }
  const flags: Record<string, string> = {};
  for (const { name, state, about } of FLAGS)
    if (state !== 'works') flags[name] = `${VERDICT_TEXT[state === 'none' ? 'no-effect' : 'later']}: ${about}`;
  return { settings, flags };
}

/** Name of the file → its text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as SchemaNode;
  const defaults: unknown = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
  const kinds = withOptional(kindsBelow(schema, ''), defaults);
  const write = (about: string, value: unknown) =>
    `# Made by charts/generated.ts: ${about}.\n${stringify(value, { lineWidth: 0, singleQuote: true })}`;
  return new Map([
    ['kinds.yaml', write('paths of values.schema.json and what they hold', kinds)],
    ['without-effect.yaml', write('settings and flags that do nothing, from the controller', withoutEffect())],
  ]);
}

if (import.meta.main) {
  for (const [name, text] of generatedFiles()) await writeFile(join(CHART, 'files', name), text);
}
