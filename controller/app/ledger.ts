/**
 * What NGINX holds of the live data, as far as it said so, and what it is being told. A key counts as told once NGINX
 * acknowledged it. One that it refused is not offered again with the same value until somebody asks for that.
 */
import type { LiveDelta, LiveDocument } from '../types/live.ts';
import { differenceOf } from '../types/sharded-map.ts';

/** A key of which NGINX does not hold, or may not hold, what the document says. */
interface Deviation {
  /** Undefined: nothing; null: nobody knows. */
  held: string | undefined | null;
  /** What it is being told, and by which call. */
  asked: { readonly text: string | undefined; readonly call: number } | undefined;
  refused: string | undefined;
  /** The youngest call that was answered. */
  answered: number;
}

/** Texts that are newer than the document's, by key. */
export type Newer = ReadonlyMap<string, string>;

export interface Ledger {
  /** NGINX holds just this document; calls that are under way come on top. */
  readonly reset: (document: LiveDocument) => void;
  /** This is what NGINX shall hold from now on. */
  readonly aim: (document: LiveDocument) => void;
  /** What NGINX has to be told so that it holds the document, with those newer texts. */
  readonly due: (newer: Newer, withRemovals: boolean) => LiveDelta;
  /** Those of the entries that NGINX does not hold and was not told. */
  readonly untold: (entries: readonly (readonly [string, string])[]) => readonly (readonly [string, string])[];
  /** NGINX is being told; the number is to be given back with its answer. */
  readonly ask: (delta: LiveDelta) => number;
  readonly answer: (delta: LiveDelta, call: number, taken: boolean) => void;
  /** Whether something was refused and is still wanted. */
  readonly troubled: () => boolean;
  /** What was refused may be offered once more. */
  readonly forgive: () => void;
}

export function createLedger(): Ledger {
  let base: LiveDocument = new Map();
  const deviations = new Map<string, Deviation>();
  let calls = 0;

  function deviation(key: string): Deviation {
    const known = deviations.get(key) ?? { held: base.get(key), asked: undefined, refused: undefined, answered: 0 };
    deviations.set(key, known);
    return known;
  }

  function settle(key: string): void {
    const { held, asked, refused } = deviation(key);
    if (asked === undefined && refused === undefined && held === base.get(key)) deviations.delete(key);
  }

  /** What NGINX will hold once it has answered all calls. */
  function expected(key: string): string | undefined | null {
    const known = deviations.get(key);
    if (known === undefined) return base.get(key);
    return known.asked === undefined ? known.held : known.asked.text;
  }

  function isDue(key: string, text: string): boolean {
    return expected(key) !== text && deviations.get(key)?.refused !== text;
  }

  return {
    reset: (document) => {
      base = document;
      for (const [key, known] of deviations) {
        Object.assign(known, { held: document.get(key), refused: undefined });
        settle(key);
      }
    },
    aim: (document) => {
      const { set, remove } = differenceOf(base, document);
      for (const [key] of set) deviation(key);
      for (const key of remove) deviation(key);
      base = document;
      for (const key of deviations.keys()) settle(key);
    },
    due: (newer, withRemovals) => {
      const set: (readonly [string, string])[] = [];
      const remove: string[] = [];
      for (const key of new Set([...deviations.keys(), ...newer.keys()])) {
        const text = newer.get(key) ?? base.get(key);
        if (text === undefined) {
          if (withRemovals && expected(key) !== undefined) remove.push(key);
        } else if (isDue(key, text)) set.push([key, text]);
      }
      return { set, remove };
    },
    untold: (entries) => entries.filter(([key, text]) => isDue(key, text)),
    ask: ({ set, remove }) => {
      const call = (calls += 1);
      for (const [key, text] of set) deviation(key).asked = { text, call };
      for (const key of remove) deviation(key).asked = { text: undefined, call };
      return call;
    },
    answer: ({ set, remove }, call, taken) => {
      const answered = (key: string, text: string | undefined): void => {
        const known = deviation(key);
        // Answers to calls that were merged come together, in any order.
        if (known.answered > call) return;
        known.answered = call;
        known.held = taken ? text : null;
        if (known.asked?.call === call) {
          known.asked = undefined;
          known.refused = taken ? undefined : text;
        }
        settle(key);
      };
      for (const [key, text] of set) answered(key, text);
      for (const key of remove) answered(key, undefined);
    },
    troubled: () => [...deviations.values()].some(({ refused }) => refused !== undefined),
    forgive: () => {
      for (const known of deviations.values()) known.refused = undefined;
    },
  };
}
