/**
 * Handles a configuration that nginx refused: finds the Ingresses or settings at fault and leaves them out until they
 * are fixed.
 */
import type { V1Ingress } from '@kubernetes/client-node';
import type { Nginx } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';
import type { Build, Built, Overrides } from './build.ts';
import { buildSteps } from './faults.ts';
import { isolate } from './isolate.ts';
import type { GoodIngresses, QuarantineState } from './quarantine.ts';
import type { RetryOptions } from './retries.ts';
import { findRefusedSettings, plainIngress } from './refused-settings.ts';
import { sortOut } from './sort-out.ts';
import { askAbout, createTrials, keyOfRef, type Trials } from './trials.ts';

export type NginxRefusal = Extract<Outcome, { kind: 'refused' }>;

export interface RefusalOptions {
  readonly build: Build;
  readonly nginx: Pick<Nginx, 'check'>;
  readonly state: QuarantineState;
  readonly overrides: () => Overrides;
}

export interface Decision {
  readonly target: Built;
  readonly refused: NginxRefusal;
  readonly good: GoodIngresses;
  /**
   * How long other changes may wait for this search, in ms; a minimum number of tests is run in any case. The rest of
   * the search runs in the background.
   */
  readonly budgetMs: number;
  /**
   * Whether NGINX serves nothing yet. If so, Ingresses that were not tested in time answer 503, because a previous
   * process may have served them.
   */
  readonly starting: boolean;
}

/**
 * The result of the search. `left-out`: nginx should accept the next build. `untested`: nginx could not be run.
 * `nothing`: nginx refuses the configuration, whatever is left out.
 */
export type Decided = 'left-out' | 'untested' | 'nothing';

/** What is said if the result is `nothing`. `message`: that of nginx. */
export function helpless(message: string): string {
  return `nginx refuses the configuration, and leaving out Ingresses or settings does not help: ${message}`;
}

const BISECT_MS = 10_000;
/** At least this many tests are run, even if a slow machine exceeds the time budget. */
const LEAST_TESTS = 12;

export function createRefusals({ build, nginx, state, overrides }: RefusalOptions) {
  const plain = plainIngress(build.options.ingressClass);
  /** Values that nginx accepts on their own, though perhaps not together with every Ingress. */
  let proven: ReadonlyMap<string, string> | undefined;

  function trialsOf(snapshot: Snapshot, background: boolean): Trials {
    return createTrials({ build, nginx, snapshot, overrides: overrides(), background });
  }

  /**
   * Leaves out the ConfigMap values that nginx refuses together with the Ingress `witness`. Returns false if no value
   * is at fault.
   */
  async function refuseSettings(
    { plan, snapshot }: Built,
    witness: readonly [ObjectKey, V1Ingress],
    changedOnly: boolean,
  ): Promise<boolean> {
    const found = await findRefusedSettings({
      texts: plan.settingTexts,
      known: state.leftOut().settingTexts,
      overrides: overrides(),
      trials: trialsOf(snapshot, false),
      witness,
      changedOnly,
    });
    if (found === undefined) return false;
    state.refuseTexts(found);
    return true;
  }

  /** Makes sure that nginx accepts what is served instead of these refused Ingresses. */
  async function settle(keys: readonly ObjectKey[], snapshot: Snapshot, background: boolean): Promise<void> {
    let left = keys.filter((key) => state.leftOut().quarantine.get(key)?.absent !== true);
    while (left.length > 0) {
      const { culprits } = await sortOut({
        suspects: left,
        Ingress: snapshot.Ingress,
        overrides: overrides(),
        trials: trialsOf(snapshot, background),
        over: () => false,
      });
      for (const key of culprits.keys()) state.lower(key);
      left = [...culprits.keys()].filter((key) => state.leftOut().quarantine.get(key)?.absent !== true);
    }
  }

  async function refuse(
    culprits: ReadonlyMap<ObjectKey, string>,
    snapshot: Snapshot,
    good: GoodIngresses,
    background = false,
  ): Promise<void> {
    for (const [key, message] of culprits) {
      const version = snapshot.Ingress.get(key);
      if (version !== undefined) state.refuse(key, version, message, good);
    }
    await settle([...culprits.keys()], snapshot, background);
  }

  /**
   * Leaves out Ingresses that could not be tested in time, until they have been tested. Their last good version is
   * served meanwhile. If there is none, their paths answer 503 while NGINX is being started; later, nothing is served
   * for them.
   */
  function hold(open: readonly ObjectKey[], snapshot: Snapshot, good: GoodIngresses, starting: boolean): void {
    for (const key of open) {
      const waiting = snapshot.Ingress.get(key);
      const last = good.get(key);
      if (waiting !== undefined) state.hold(key, waiting, last, last === undefined && !starting);
    }
  }

  async function decide({ target, refused, good, budgetMs, starting }: Decision): Promise<Decided> {
    const { snapshot, plan } = target;
    const { quarantine } = target.overrides;
    const end = performance.now() + budgetMs;
    let tests = 0;
    if (proven !== plan.settingTexts) {
      if (await refuseSettings(target, plain, false)) return 'left-out';
      proven = plan.settingTexts;
    }
    const suspects = [...snapshot.Ingress].flatMap(([key, version]) =>
      version === good.get(key) || quarantine.get(key)?.refused === version ? [] : [key],
    );
    const { message } = refused.check;
    const owners = refused.owners.map(keyOfRef);
    const only = owners.length === 1 ? owners[0] : undefined;
    const named = new Map(only === undefined ? [] : [[only, message]]);
    const version = only === undefined ? undefined : snapshot.Ingress.get(only);
    if (only !== undefined && version !== undefined && !suspects.includes(only)) {
      if (quarantine.get(only)?.refused === version) state.lower(only);
      // The Ingress itself has not changed, so a setting or a Secret must have.
      else if (!(await refuseSettings(target, [only, version], true))) await refuse(named, snapshot, good);
      return 'left-out';
    }
    const { culprits, open, untested } = await sortOut({
      suspects,
      Ingress: snapshot.Ingress,
      overrides: target.overrides,
      trials: trialsOf(snapshot, false),
      plan: plan.static,
      named,
      over: () => {
        tests += 1;
        return tests > LEAST_TESTS && performance.now() > end;
      },
    });
    if (untested) return 'untested';
    if (culprits.size === 0 && open.length === 0) return bisect(target, suspects, message, good);
    hold(open, snapshot, good, starting);
    await refuse(culprits, snapshot, good);
    return 'left-out';
  }

  /** Used if nginx accepts each block alone: tests the whole configuration without some of the suspects. */
  async function bisect(
    target: Built,
    suspects: readonly ObjectKey[],
    message: string,
    good: GoodIngresses,
  ): Promise<Decided> {
    const { snapshot } = target;
    const end = performance.now() + BISECT_MS;
    const found = await isolate({
      suspects,
      askWithout: async (left) => {
        if (performance.now() > end)
          return {
            ok: false,
            owners: [],
            message: `left out untested, because the search ran out of time: ${message}`,
          };
        const quarantine = new Map(target.overrides.quarantine);
        for (const key of left) {
          const version = snapshot.Ingress.get(key);
          if (version !== undefined)
            quarantine.set(key, { refused: version, lastGood: undefined, message, absent: true });
        }
        return askAbout(wholeConf(snapshot, { ...target.overrides, quarantine }), nginx, false);
      },
    });
    if (found === undefined || found.size === 0) return 'nothing';
    await refuse(found, snapshot, good);
    return 'left-out';
  }

  function* wholeConf(snapshot: Snapshot, others: Overrides) {
    return (yield* buildSteps(build, snapshot, others)).artifact;
  }

  /**
   * Tests waiting Ingresses, at low priority if `background`. Calls `released` as soon as nginx is known to accept some
   * of them. Resolves to true if some were refused, so that a rebuild is needed.
   */
  async function retry(
    keys: readonly ObjectKey[],
    snapshot: Snapshot,
    good: GoodIngresses,
    { background, released, over }: RetryOptions,
  ): Promise<boolean> {
    const all = overrides();
    const versions = new Map(keys.map((key) => [key, all.quarantine.get(key)?.refused]));
    const suspects = keys.filter(
      (key) => versions.get(key) !== undefined && versions.get(key) === snapshot.Ingress.get(key),
    );
    const quarantine = new Map([...all.quarantine].filter(([key]) => !versions.has(key)));
    const { culprits } = await sortOut({
      suspects,
      Ingress: snapshot.Ingress,
      overrides: { ...all, quarantine },
      trials: trialsOf(snapshot, background),
      onCleared: (cleared) => {
        const some = cleared.filter((key) => {
          const version = versions.get(key);
          return version !== undefined && state.release(key, version);
        });
        if (some.length > 0) released();
      },
      over,
    });
    const still = [...culprits].filter(([key]) => state.leftOut().quarantine.get(key)?.refused === versions.get(key));
    await refuse(new Map(still), snapshot, good, background);
    return still.length > 0;
  }

  return { decide, retry };
}
