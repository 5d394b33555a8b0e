/** Stores in a file what is served instead of what nginx refuses, so that a restarted controller serves it too. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { V1Ingress } from '@kubernetes/client-node';
import type { Quarantine } from '../model/contract/options.ts';
import { NO_TEXTS, type RefusedText } from '../model/contract/setting-texts.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { type LeftOut, sameContent } from './quarantine.ts';

export interface LastGood {
  /**
   * What was saved, except for refused Ingresses that no longer exist in the cluster. Empty if the file cannot be read.
   */
  readonly load: (snapshot: Snapshot) => Promise<LeftOut>;
  /** Saves asynchronously. */
  readonly save: (left: LeftOut) => void;
}

export const NO_LAST_GOOD: LastGood = {
  load: () => Promise.resolve({ quarantine: new Map(), settingTexts: NO_TEXTS }),
  save: () => undefined,
};

interface Saved {
  readonly running?: true;
  readonly good: readonly (readonly [string, string])[];
  readonly refused: readonly (readonly [string, RefusedText])[];
  readonly ingresses: readonly (readonly [string, Quarantine])[];
}

/** Saves to `file`, with mode 0600 because values of the ConfigMap may be secrets. */
export function createLastGood(file: string, failed: (message: string) => void): LastGood {
  let saved: LeftOut | undefined;
  let writing = false;
  let next: LeftOut | undefined;

  async function write(): Promise<void> {
    writing = true;
    while (next !== undefined) {
      const left = next;
      next = undefined;
      await writeWhole(file, textOf(left)).catch((error: unknown) => failed(`${file}: ${String(error)}`));
    }
    writing = false;
  }

  return {
    load: async (snapshot) => {
      try {
        return restored(JSON.parse(await readFile(file, 'utf8')) as Saved, snapshot);
      } catch {
        // The file does not exist yet, or its content is damaged.
        return NO_LAST_GOOD.load(snapshot);
      }
    },
    save: (left) => {
      if (left === saved) return;
      saved = left;
      next = left;
      if (!writing) void write();
    },
  };
}

function textOf({ quarantine, settingTexts: { good, refused, running } }: LeftOut): string {
  const ingresses = [...quarantine].filter(([, { waiting }]) => waiting !== true);
  const saved: Saved = { ...(running && { running }), good: [...good], refused: [...refused], ingresses };
  return JSON.stringify(saved);
}

function restored({ running, good, refused, ingresses }: Saved, { Ingress }: Snapshot): LeftOut {
  const quarantine = new Map<string, Quarantine>();
  for (const [key, entry] of ingresses) {
    const now: V1Ingress | undefined = Ingress.get(key);
    if (now === undefined) continue;
    // A changed version is tested alone; until then, the earlier replacement is served.
    const same = sameContent(entry.refused, now);
    // An Ingress that could not be built is also tested again, because this process may run another version of
    // Tidegate.
    const waiting = !same || entry.fault === true;
    quarantine.set(key, { ...entry, refused: now, ...(waiting && { waiting: true as const }) });
  }
  return { quarantine, settingTexts: { ...(running && { running }), good: new Map(good), refused: new Map(refused) } };
}

async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
