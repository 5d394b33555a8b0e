/** Takes the marked sentences from docs/differences.md. */
import type { Mark, MarkKind } from './mark.ts';

/** Sentences of the page, and to whom they apply. */
export interface Difference extends Pick<Mark, 'kind' | 'keys' | 'when'> {
  readonly kind: MarkKind;
  /** The heading on the page under which the sentences are. */
  readonly chapter: string;
  /** The part of the page's address after `#`. */
  readonly anchor: string;
  /** Markdown without links. */
  readonly text: string;
}

interface Item {
  readonly chapter: string;
  readonly sentences: readonly string[];
}

/** Links to other pages would lead nowhere in a report. */
function withoutLinks(text: string): string {
  return text.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1');
}

/** The items of the page's lists, without their tables. */
function itemsOf(page: string): readonly Item[] {
  let chapter = '';
  const items: Item[] = [];
  for (const block of page.split(/\n(?=- |## |\n)/)) {
    const text = block.trim();
    chapter = /^## (.*)/.exec(text)?.[1] ?? chapter;
    if (!text.startsWith('- ')) continue;
    const lines = text.slice(2).split('\n');
    const flat = lines.filter((line) => !line.trim().startsWith('|')).map((line) => line.trim());
    items.push({ chapter, sentences: flat.join(' ').split(/(?<=[.!?](?:\)|`)?)\s+(?=[A-Z`])/) });
  }
  return items;
}

/** Throws an Error that names the mark if the page has no such sentence, or several. */
export function extractDifferences(page: string, marks: readonly Mark[]): readonly Difference[] {
  const items = itemsOf(page);
  return marks.map(({ from, count, kind, keys, when }) => {
    const found = items.flatMap(({ chapter, sentences }) => {
      const at = sentences.findIndex((sentence) => sentence.startsWith(from));
      return at === -1 ? [] : [{ chapter, sentences: sentences.slice(at, at + count) }];
    });
    const [only] = found;
    if (only === undefined || found.length > 1 || only.sentences.length < count)
      throw new Error(
        `docs/differences.md: ${found.length} items have ${count} sentences from ${JSON.stringify(from)} on, not one; ` +
          'correct the mark in controller/migrate/differences/marks.ts',
      );
    const text = withoutLinks(only.sentences.join(' '));
    const anchor = only.chapter.toLowerCase().replaceAll(' ', '-');
    return { kind, keys, ...(when !== undefined && { when }), chapter: only.chapter, anchor, text };
  });
}
