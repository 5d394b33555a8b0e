/**
 * Finds out which ConfigMap values nginx refuses. The values are tested together with one plain synthetic Ingress, or
 * with one Ingress that they broke, so the cost of the search does not depend on the size of the cluster.
 */
import type { V1Ingress } from '@kubernetes/client-node';
import { withoutRefused } from '../model/settings/replaced-snippet.ts';
import type { RefusedText, SettingTexts } from '../model/contract/setting-texts.ts';
import { mayFall } from '../model/settings/settings.ts';
import type { ObjectKey } from '../types/snapshot.ts';
import { parseConf } from '../types/tokenizer.ts';
import type { Overrides } from './build.ts';
import { isolate } from './isolate.ts';
import type { TrialResult, Trials } from './trials.ts';

export interface SettingSearch {
  /** The ConfigMap values in the configuration that nginx refused. */
  readonly texts: ReadonlyMap<string, string>;
  readonly known: SettingTexts;
  readonly overrides: Overrides;
  readonly trials: Trials;
  /** The key and version of the Ingress that the values are tested with. */
  readonly witness: readonly [ObjectKey, V1Ingress];
  /** Whether to consider only values that NGINX does not run with yet. */
  readonly changedOnly: boolean;
}

/** An Ingress without annotations, of the class `ingressClass`. */
export function plainIngress(ingressClass: string): readonly [ObjectKey, V1Ingress] {
  const backend = { service: { name: 'none', port: { number: 80 } } };
  const paths = [{ path: '/', pathType: 'Prefix', backend }];
  const metadata = { namespace: '', name: 'none', annotations: { 'kubernetes.io/ingress.class': ingressClass } };
  return ['/none', { metadata, spec: { rules: [{ host: 'none.invalid', http: { paths } }] } }];
}

/** Keys whose value differs from the one that NGINX runs with. */
export function changedKeys(texts: ReadonlyMap<string, string>, good: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...texts.keys(), ...good.keys()])].filter((name) => texts.get(name) !== good.get(name));
}

/**
 * The refused values by key. Undefined if nginx accepts all values, or if it refuses the configuration whatever the
 * values are.
 */
export async function findRefusedSettings(
  search: SettingSearch,
): Promise<ReadonlyMap<string, RefusedText> | undefined> {
  const { texts, known } = search;
  if ((await askWithout([], search)).ok) return undefined;
  const changed = changedKeys(texts, known.good).filter((name) => mayFall(name, known.good));
  const others = [...texts.keys()].filter((name) => !changed.includes(name) && mayFall(name, new Map()));
  const found = await findAmong(changed, search);
  if (found !== undefined || search.changedOnly) return found;
  // nginx may now refuse a value that it accepted before, if the value names a deleted file or a host that no longer
  // resolves.
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

/** The value as written in the ConfigMap, even if it is a snippet of which some directives are left out. */
function asWritten(name: string, { texts, known }: SettingSearch): string {
  const [text, before] = [texts.get(name) ?? '', known.refused.get(name)];
  if (before?.directives === undefined) return text;
  return withoutRefused(before.text, before.directives) === text ? before.text : text;
}

/**
 * The directives that nginx refuses in a snippet that was never served; the other directives can then be applied.
 * Undefined if the directives cannot be determined.
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
      // `running` is true, so that a guarding setting that the trial leaves out counts as absent and is not replaced by
      // its strictest value.
      return ask({ good: known.good, refused: texts, running: true }, search);
    },
  });
  return found === undefined || found.size === 0 ? undefined : [...found];
}

async function askWithout(left: readonly string[], search: SettingSearch): Promise<TrialResult> {
  const { texts, known } = search;
  const refused = new Map(known.refused);
  for (const name of left) refused.set(name, { text: asWritten(name, search), message: '' });
  return ask({ ...known, good: goodBut(left, known, texts), refused }, search);
}

async function ask(settingTexts: SettingTexts, { overrides, trials, witness }: SettingSearch): Promise<TrialResult> {
  const plan = await trials.plan(new Map([witness]), { ...overrides, settingTexts });
  return trials.ask(plan, [...plan.hosts.values()]);
}

/**
 * The good values, except for those of the suspected keys: a suspected value that NGINX runs with cannot be its own
 * replacement.
 */
function goodBut(
  left: readonly string[],
  { good }: SettingTexts,
  texts: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map([...good].filter(([name, text]) => !left.includes(name) || texts.get(name) !== text));
}
