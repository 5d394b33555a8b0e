/** Which snippets of the ConfigMap nginx refuses, so that only these fall back to their last good texts. */
import type { SnippetTexts } from '../model/admin-snippets.ts';
import type { CheckResult } from '../types/outcome.ts';
import { isolate } from './isolate.ts';

export interface SnippetTrial {
  /** Those of the configuration that was refused. */
  readonly texts: ReadonlyMap<string, string>;
  readonly known: SnippetTexts;
  /** `nginx -t` with these texts instead. */
  readonly checkWith: (texts: SnippetTexts) => Promise<CheckResult>;
  readonly budgetMs: number;
}

/** What is known then; undefined where the fault is in none of the texts that NGINX does not run with yet. */
export async function refuseSnippets({
  texts,
  known,
  checkWith,
  budgetMs,
}: SnippetTrial): Promise<SnippetTexts | undefined> {
  const suspects = [...texts.keys()].filter((name) => texts.get(name) !== known.good.get(name));
  if (suspects.length === 0) return undefined;
  const without = (culprits: readonly { readonly key: string; readonly message: string }[]): SnippetTexts => ({
    ...known,
    refused: new Map([
      ...known.refused,
      ...culprits.map(({ key, message }) => [key, { text: texts.get(key) ?? '', message }] as const),
    ]),
  });
  const unsaid = (names: readonly string[]) =>
    names.map((key) => ({ key, message: 'left out untried, time was over' }));
  const verdict = await isolate({ suspects, checkWithout: (left) => checkWith(without(unsaid(left))), budgetMs });
  if (verdict === undefined) return undefined;
  return without([...verdict.culprits, ...unsaid(verdict.untried)]);
}
