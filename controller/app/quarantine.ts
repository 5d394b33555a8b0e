/** What to leave out of a configuration that nginx refused, so that everybody else is served. */
import { NO_TEXTS, type SnippetTexts } from '../model/admin-snippets.ts';
import type { Quarantine } from '../model/options.ts';
import type { Nginx } from '../types/nginx.ts';
import type { CheckResult, Outcome } from '../types/outcome.ts';
import type { Problem } from '../types/problem.ts';
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';
import { type Assemble, assembleSteps, type Assembly, type Circumstances } from './assembly.ts';
import { isolate } from './isolate.ts';
import { refuseSnippets } from './refused-snippets.ts';
import { inSlices } from './slices.ts';

export type Refusal = Extract<Outcome, { kind: 'refused' }>;

/** Ingresses in the version that NGINX serves. */
export type GoodIngresses = Pick<Snapshot['Ingress'], 'get'>;

export interface Refused {
  readonly target: Assembly;
  readonly refused: Refusal;
  readonly circumstances: Circumstances;
  readonly good: GoodIngresses;
  readonly assemble: Assemble;
  readonly nginx: Pick<Nginx, 'check'>;
}

const BUDGET_MS = 10_000;

/**
 * Circumstances under which nginx should accept, or undefined where leaving out anything does not help. The same
 * circumstances where nothing was found out: what is at fault then is no Ingress and no setting.
 */
export async function decideQuarantine(given: Refused): Promise<Circumstances | undefined> {
  const { target, circumstances, good } = given;
  const snippets = await findSnippets(given);
  if (snippets !== undefined) return { ...circumstances, snippets };
  const culprits = await findCulprits(given);
  if (culprits === undefined)
    return circumstances.defaultSettingsOnly ? undefined : { ...circumstances, defaultSettingsOnly: true };
  if (culprits.length === 0) return circumstances;
  const quarantine = new Map(circumstances.quarantine);
  for (const { key, message } of culprits) {
    const refused = target.snapshot.Ingress.get(key);
    if (refused === undefined) continue;
    // Its last good version may have been refused just now: it may read a Secret that changed. Then it is 503.
    const known = quarantine.get(key)?.refused === refused ? undefined : good.get(key);
    quarantine.set(key, { refused, lastGood: known === refused ? undefined : known, message } satisfies Quarantine);
  }
  return { ...circumstances, quarantine };
}

/** Before any Ingress is suspected: nginx names one whose location a snippet of the administrator is in. */
async function findSnippets({ target, circumstances, assemble, nginx }: Refused): Promise<SnippetTexts | undefined> {
  let untested = false;
  const found = await refuseSnippets({
    texts: target.plan.static.snippets.texts,
    known: circumstances.snippets ?? NO_TEXTS,
    checkWith: async (snippets) => {
      const { artifact } = await inSlices(assembleSteps(assemble, target.snapshot, { ...circumstances, snippets }));
      const result = await nginx.check(artifact);
      if (!result.ok && result.untested === true) untested = true;
      return result;
    },
    budgetMs: BUDGET_MS,
  });
  return untested ? undefined : found;
}

/** None: nginx accepts it now, or could not be asked. Undefined: it refuses whatever is left out. */
async function findCulprits(given: Refused): Promise<readonly { key: ObjectKey; message: string }[] | undefined> {
  const { target, refused, circumstances, good, assemble, nginx } = given;
  const named = refused.owners.map(({ namespace, name }) => `${namespace}/${name}`);
  const [only] = named;
  if (named.length === 1 && only !== undefined) return [{ key: only, message: refused.check.message }];
  const { Ingress } = target.snapshot;
  const changed = [...Ingress.keys()].filter((key) => Ingress.get(key) !== good.get(key));
  const suspects = named.length > 0 ? named : changed.length > 0 ? changed : [...Ingress.keys()];
  let untested = false;
  const checkWithout = async (left: readonly ObjectKey[]): Promise<CheckResult> => {
    const quarantine = new Map(circumstances.quarantine);
    for (const key of left) {
      const ingress = Ingress.get(key);
      if (ingress !== undefined) quarantine.set(key, { refused: ingress, lastGood: undefined, message: '' });
    }
    const { artifact } = await inSlices(assembleSteps(assemble, target.snapshot, { ...circumstances, quarantine }));
    const result = await nginx.check(artifact);
    if (!result.ok && result.untested === true) untested = true;
    return result;
  };
  const verdict = await isolate({ suspects, checkWithout, budgetMs: BUDGET_MS });
  if (untested) return [];
  if (verdict === undefined) return undefined;
  const untried = verdict.untried.map((key) => ({
    key,
    message: `left out untried, time was over: ${refused.check.message}`,
  }));
  return [...verdict.culprits, ...untried];
}

/** The Problem for settings that had to be left at their defaults. */
export function settingsRefused(refused: Refusal): Problem {
  return {
    code: 'settings-refused-by-nginx',
    severity: 'error',
    effect: 'ignored-key',
    message: `nginx refuses the settings of the ConfigMap: ${refused.check.message}; the defaults are used until it changes`,
  };
}
