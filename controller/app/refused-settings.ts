/**
 * Which values of the ConfigMap does nginx refuse? They are tested with one plain Ingress of nobody, or with one that
 * they broke, so that the search costs the same in every cluster.
 */
import type { V1Ingress } from '@kubernetes/client-node';
import { withoutRefused } from '../model/settings/replaced-snippet.ts';
import type { RefusedText, SettingTexts } from '../model/contract/setting-texts.ts';
import { mayFall } from '../model/settings/settings.ts';
import type { ObjectKey } from '../types/snapshot.ts';
import { parseConf } from '../types/tokenizer.ts';
import type { Circumstances } from './assembly.ts';
import { isolate } from './isolate.ts';
import type { Answer, Trials } from './trials.ts';

export interface SettingSearch {
  /** Values of the configuration that was refused. */
  readonly texts: ReadonlyMap<string, string>;
  readonly known: SettingTexts;
  readonly circumstances: Circumstances;
  readonly trials: Trials;
  /** The values are tested with it: its key and version. */
  readonly witness: readonly [ObjectKey, V1Ingress];
  /** Only values that NGINX does not run with yet may be at fault. */
  readonly changedOnly: boolean;
}

/** An Ingress of the class `ingressClass` that asks for nothing. */
export function plainIngress(ingressClass: string): readonly [ObjectKey, V1Ingress] {
  const backend = { service: { name: 'none', port: { number: 80 } } };
  const paths = [{ path: '/', pathType: 'Prefix', backend }];
  const metadata = { namespace: '', name: 'none', annotations: { 'kubernetes.io/ingress.class': ingressClass } };
  return ['/none', { metadata, spec: { rules: [{ host: 'none.invalid', http: { paths } }] } }];
}

/** Keys whose value is another one than NGINX runs with. */
export function changedKeys(texts: ReadonlyMap<string, string>, good: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...texts.keys(), ...good.keys()])].filter((name) => texts.get(name) !== good.get(name));
}

/** Values that nginx refuses, by key; undefined where it takes them, or refuses it whatever they are. */
export async function findRefusedSettings(
  search: SettingSearch,
): Promise<ReadonlyMap<string, RefusedText> | undefined> {
  const { texts, known } = search;
  if ((await askWithout([], search)).ok) return undefined;
  const changed = changedKeys(texts, known.good).filter((name) => mayFall(name, known.good));
  const others = [...texts.keys()].filter((name) => !changed.includes(name) && mayFall(name, new Map()));
  const found = await findAmong(changed, search);
  if (found !== undefined || search.changedOnly) return found;
  // What ran before may be refused today: it may name a file that is gone, or a host that cannot be resolved.
  return findAmong([...changed, ...others], search);
}

async function findAmong(
  suspects: readonly string[],
  search: SettingSearch,
): Promise<ReadonlyMap<string, RefusedText> | undefined> {
  if (suspects.length === 0) return undefined;
  const found = await isolate({ suspects, askWithout: (left) => askWithout(left, search) });
  if (found === undefined || found.size === 0) return undefined;
  const refused = new Map(
    [...found].map(([name, message]): [string, RefusedText] => [name, { text: asWritten(name, search), message }]),
  );
  for (const [name, { text, message }] of refused) {
    const directives = await refusedDirectives(name, refused, search);
    if (directives !== undefined) refused.set(name, { text, message, directives });
  }
  return refused;
}

/** The whole text of a snippet, where only the rest of it is in force. */
function asWritten(name: string, { texts, known }: SettingSearch): string {
  const [text, before] = [texts.get(name) ?? '', known.refused.get(name)];
  if (before?.directives === undefined) return text;
  return withoutRefused(before.text, before.directives) === text ? before.text : text;
}

/**
 * Of a snippet that never served, which directives nginx refuses, so that the rest can be in force. Undefined where that
 * cannot be said.
 */
async function refusedDirectives(
  name: string,
  refused: ReadonlyMap<string, RefusedText>,
  search: SettingSearch,
): Promise<RefusedText['directives']> {
  const { known } = search;
  const own = refused.get(name);
  if (own === undefined || !name.endsWith('-snippet') || own.text === '' || known.good.has(name)) return undefined;
  if (known.refused.get(name)?.text === own.text) return undefined;
  const found = await isolate({
    suspects: parseConf(own.text).map((_, index) => index),
    askWithout: (left) => {
      const directives = left.map((index) => [index, ''] as const);
      const texts = new Map([...known.refused, ...refused]).set(name, { ...own, directives });
      // As in an NGINX that runs: a guard that is left out for the trial closes nothing.
      return ask({ good: known.good, refused: texts, running: true }, search);
    },
  });
  return found === undefined || found.size === 0 ? undefined : [...found];
}

async function askWithout(left: readonly string[], search: SettingSearch): Promise<Answer> {
  const { texts, known } = search;
  const refused = new Map(known.refused);
  for (const name of left) refused.set(name, { text: asWritten(name, search), message: '' });
  return ask({ ...known, good: goodBut(left, known, texts), refused }, search);
}

async function ask(settingTexts: SettingTexts, { circumstances, trials, witness }: SettingSearch): Promise<Answer> {
  const plan = await trials.plan(new Map([witness]), { ...circumstances, settingTexts });
  return trials.ask(plan, plan.hosts);
}

/** A value that ran, and is suspected all the same, is not what takes its own place. */
function goodBut(
  left: readonly string[],
  { good }: SettingTexts,
  texts: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map([...good].filter(([name, text]) => !left.includes(name) || texts.get(name) !== text));
}
