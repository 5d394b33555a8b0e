/**
 * Records what is left out of nginx.conf so that everything else can be served: Ingresses that nginx refuses or that
 * cannot be built, and ConfigMap values that nginx refuses. Refused Ingresses are tested alone, in the background, and
 * return when nginx accepts them.
 */
import { isDeepStrictEqual } from 'node:util';
import type { V1Ingress } from '@kubernetes/client-node';
import type { Quarantine } from '../model/contract/options.ts';
import { NO_TEXTS, type RefusedText, type SettingTexts } from '../model/contract/setting-texts.ts';
import { namespaceOf, type ObjectChange, type ObjectKey, type Snapshot } from '../types/snapshot.ts';
import { createBackOff } from './back-off.ts';

/** Looks up Ingresses as NGINX currently serves them. */
export type GoodIngresses = Pick<Snapshot['Ingress'], 'get'>;

export interface LeftOut {
  readonly quarantine: ReadonlyMap<ObjectKey, Quarantine>;
  readonly settingTexts: SettingTexts;
}

/** The Ingresses whose test is due. */
export interface Due {
  readonly keys: readonly ObjectKey[];
  /**
   * The due Ingresses that were never tested: they may be valid, and their clients are waiting. If nginx refuses many
   * Ingresses of a namespace, no Ingress of that namespace is urgent; otherwise its tests could occupy a processor.
   */
  readonly urgent: readonly ObjectKey[];
  /** Milliseconds until the next test; undefined if no later test is due. */
  readonly nextMs: number | undefined;
}

export interface QuarantineState {
  /** Returns the same object until something changes. */
  readonly leftOut: () => LeftOut;
  /** Handles changes to objects in the cluster. `good` looks up Ingresses as NGINX currently serves them. */
  readonly noticed: (changes: readonly ObjectChange[], now: Snapshot, good: GoodIngresses) => void;
  /** Records that nginx refuses this version. Its replacement has not been tested yet. */
  readonly refuse: (key: ObjectKey, version: V1Ingress, message: string, good: GoodIngresses) => void;
  /** Records that an Ingress cannot be built, and what is served instead. */
  readonly fault: (key: ObjectKey, entry: Quarantine) => void;
  /**
   * Called when inputs of the build changed, for example templates: Ingresses that could not be built are tested again.
   */
  readonly rebuildable: () => void;
  /**
   * Records that nginx refuses the replacement of this Ingress too. If the replacement was the last good version, the
   * paths of the Ingress answer 503 from now on. If they answered 503 already, nothing is served for the Ingress.
   */
  readonly lower: (key: ObjectKey) => void;
  /**
   * Leaves out a version until it has been tested alone. If `absent` is true and there is no last good version, nothing
   * is served for the Ingress.
   */
  readonly hold: (key: ObjectKey, version: V1Ingress, lastGood: V1Ingress | undefined, absent: boolean) => void;
  /** Records that nginx accepts this version. Returns false if the Ingress is no longer left out in this version. */
  readonly release: (key: ObjectKey, version: V1Ingress) => boolean;
  readonly due: () => Due;
  readonly refuseTexts: (refused: ReadonlyMap<string, RefusedText>) => void;
  /** Records that NGINX runs with these values. */
  readonly acceptTexts: (texts: ReadonlyMap<string, string>) => void;
  /** Restores what a previous process left out. */
  readonly restore: (left: LeftOut) => void;
}

/** Whether two versions of an Ingress have the same spec and annotations. Status and labels do not matter. */
export function sameContent(a: V1Ingress, b: V1Ingress): boolean {
  return a === b || isDeepStrictEqual([a.spec, a.metadata?.annotations], [b.spec, b.metadata?.annotations]);
}

const MANY_REFUSED = 50;

/** `configMap` is the `namespace/name` of the ConfigMap with the settings. */
export function createQuarantine(configMap: ObjectKey, now: () => number = () => performance.now()): QuarantineState {
  const backOff = createBackOff(now);
  const entries = new Map<ObjectKey, Quarantine>();
  /** The time of the next test of each waiting Ingress. */
  const waiting = new Map<ObjectKey, number>();
  /** The number of refused Ingresses of each namespace. */
  const refusedOf = new Map<string, number>();
  let settingTexts = NO_TEXTS;
  let said: LeftOut = { quarantine: new Map(), settingTexts };
  let changed = false;

  function set(key: ObjectKey, entry: Quarantine | undefined): void {
    changed = true;
    const namespace = namespaceOf(key);
    const more = Number(isRefused(entry)) - Number(isRefused(entries.get(key)));
    refusedOf.set(namespace, (refusedOf.get(namespace) ?? 0) + more);
    if (refusedOf.get(namespace) === 0) refusedOf.delete(namespace);
    if (entry === undefined) entries.delete(key);
    else entries.set(key, entry);
    if (entry?.waiting !== true) waiting.delete(key);
  }

  function wait(key: ObjectKey, entry: Omit<Quarantine, 'waiting'>): void {
    set(key, { ...entry, waiting: true });
    waiting.set(key, Math.max(now(), backOff.dueAt(key) ?? 0));
  }

  function ingressChanged(key: ObjectKey, version: V1Ingress | undefined, good: GoodIngresses): void {
    const held = entries.get(key);
    if (version === undefined) {
      if (held !== undefined) set(key, undefined);
    } else if (held !== undefined && sameContent(held.refused, version)) {
      const entry = { ...held, refused: version };
      if (held.waiting === true) wait(key, entry);
      else set(key, entry);
    } else if (held !== undefined) wait(key, { ...held, refused: version });
    else if (backOff.dueAt(key) !== undefined || backOff.suspicious(key)) {
      const lastGood = good.get(key);
      if (lastGood !== undefined && sameContent(lastGood, version)) return;
      wait(key, { refused: version, lastGood, message: '', ...(lastGood === undefined && { absent: true }) });
    }
  }

  /**
   * Schedules tests of the Ingresses for which `isMeant` returns true: an object that they may read has changed, so
   * nginx may accept them now.
   */
  function tryAgain(isMeant: (key: ObjectKey, entry: Quarantine) => boolean): void {
    for (const [key, entry] of entries) if (isMeant(key, entry)) wait(key, entry);
  }

  return {
    leftOut: () => {
      const quarantine = changed ? new Map(entries) : said.quarantine;
      if (changed || said.settingTexts !== settingTexts) said = { quarantine, settingTexts };
      changed = false;
      return said;
    },
    noticed: (changes, snapshot, good) => {
      for (const { kind, key } of changes) {
        if (kind === 'Ingress') ingressChanged(key, snapshot.Ingress.get(key), good);
        else if (kind === 'ConfigMap' && key === configMap) {
          settingTexts = { ...settingTexts, refused: new Map() };
          tryAgain(() => true);
        } else if (kind === 'Secret' || kind === 'ConfigMap') {
          tryAgain((each) => namespaceOf(each) === namespaceOf(key));
        } else if (kind === 'Service' || kind === 'EndpointSlice') {
          tryAgain((each, { fault }) => fault === true && namespaceOf(each) === namespaceOf(key));
        }
      }
    },
    refuse: (key, version, message, good) => {
      backOff.refused(key);
      const held = entries.get(key);
      const lastGood = held?.lastGood ?? good.get(key);
      set(key, { refused: version, lastGood: lastGood === version ? undefined : lastGood, message });
    },
    fault: (key, entry) => {
      backOff.refused(key);
      set(key, entry);
    },
    rebuildable: () => tryAgain((_, { fault }) => fault === true),
    lower: (key) => {
      const held = entries.get(key);
      if (held === undefined) return;
      if (held.lastGood === undefined) set(key, { ...held, absent: true });
      else set(key, { ...held, lastGood: undefined });
    },
    hold: (key, refused, lastGood, absent) =>
      wait(key, { refused, lastGood, message: '', ...(absent && { absent: true }) }),
    release: (key, version) => {
      if (entries.get(key)?.refused !== version) return false;
      set(key, undefined);
      return true;
    },
    due: () => {
      const at = now();
      const later = [...waiting.values()].filter((time) => time > at);
      const keys = [...waiting].flatMap(([key, time]) => (time <= at ? [key] : []));
      const isUrgent = (key: ObjectKey) =>
        !isRefused(entries.get(key)) && (refusedOf.get(namespaceOf(key)) ?? 0) < MANY_REFUSED;
      return {
        keys,
        urgent: keys.filter(isUrgent),
        nextMs: later.length === 0 ? undefined : Math.min(...later) - at,
      };
    },
    refuseTexts: (refused) => {
      // A value that NGINX ran with before and that is now refused cannot be its own replacement.
      const good = new Map([...settingTexts.good].filter(([name, text]) => refused.get(name)?.text !== text));
      settingTexts = { ...settingTexts, good, refused: new Map([...settingTexts.refused, ...refused]) };
    },
    acceptTexts: (good) => {
      if (settingTexts.running === true && isDeepStrictEqual(settingTexts.good, good)) return;
      settingTexts = { ...settingTexts, running: true, good };
    },
    restore: (left) => {
      settingTexts = left.settingTexts;
      for (const [key, entry] of left.quarantine) {
        if (entry.waiting === true) wait(key, entry);
        else set(key, entry);
      }
    },
  };
}

/** Whether nginx has refused the Ingress; an Ingress that was not tested yet has no message. */
function isRefused(entry: Quarantine | undefined): boolean {
  return entry !== undefined && entry.message !== '';
}
