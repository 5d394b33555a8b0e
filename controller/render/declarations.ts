/**
 * The text of the http-level declarations that server blocks and settings refer to. The text is rendered again only
 * when declarations were added or removed.
 */
import { createHash } from 'node:crypto';
import { word } from '../types/conf-value.ts';
import { type Declaration, uniqueDeclarations } from '../types/declaration.ts';
import type { Steps } from '../types/steps.ts';
import { compile, Fragment } from './engine.ts';
import { rendered } from './verified.ts';

/**
 * This template is not in templates/, where a custom template could lack it: blocks that refer to declarations would
 * then be invalid.
 */
const TEMPLATE = `{{#each lines}}
    {{name}}{{#each args}} {{this}}{{/each}}{{#if isBlock}} {
{{#each entries}}
        {{#each words}}{{#unless @first}} {{/unless}}{{this}}{{/each}};
{{/each}}
    }{{else}};{{/if}}
{{/each}}
`;

export interface Declared {
  readonly text: Fragment | null;
  /** Hash of the text; the checksum of the conf is computed from it. */
  readonly digest: string;
}

export type Declare = (lists: readonly (readonly Declaration[])[]) => Steps<Declared>;

const NOTHING: Declared = { text: null, digest: '' };

/**
 * Returns a function that turns lists of declarations into their text, in which each declaration occurs once. Most
 * calls get the same lists as the previous call.
 */
export function createDeclare(): Declare {
  const template = compile(TEMPLATE);
  let last = { lists: [] as readonly (readonly Declaration[])[], texts: new Map<string, string>(), declared: NOTHING };

  function textOf({ lines }: Declaration): string {
    const view = lines.map(({ name, args, entries }) => ({
      name: word(name),
      args,
      isBlock: entries !== undefined,
      entries: (entries ?? []).map((words) => ({ words })),
    }));
    return rendered(template, { lines: view }).text;
  }

  return function* declare(lists) {
    const before = last;
    if (sameLists(lists, before.lists)) return before.declared;
    const texts = new Map<string, string>();
    for (const each of uniqueDeclarations(lists)) {
      const known = before.texts.get(each.key);
      texts.set(each.key, known ?? textOf(each));
      if (known === undefined) yield;
    }
    yield;
    last = { lists, texts, declared: texts.size === 0 ? NOTHING : declaredAs([...texts.values()].join('').trimEnd()) };
    return last.declared;
  };
}

function declaredAs(text: string): Declared {
  return { text: new Fragment(text), digest: createHash('sha256').update(text).digest('base64') };
}

function sameLists(a: readonly (readonly Declaration[])[], b: readonly (readonly Declaration[])[]): boolean {
  return a.length === b.length && a.every((list, index) => sameKeys(list, b[index] ?? []));
}

function sameKeys(a: readonly Declaration[], b: readonly Declaration[]): boolean {
  return a === b || (a.length === b.length && a.every(({ key }, index) => key === b[index]?.key));
}
