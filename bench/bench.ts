/** Runs one bench: sizes in, table and JSON out. What it started ends, whatever happens, and after a time in any case. */
import { readMachine, readVersions } from './machine.ts';
import { writeResult } from './result.ts';
import type { Measured } from './result.ts';
import { figureRows, plainTable, ratioRows } from './table.ts';

export interface Scope {
  /** Undoes something when the bench is over, the last one first; what it returns does so at once. */
  defer(undo: () => unknown): () => Promise<void>;
  /** One line on standard error: what is being done. */
  say(what: string): void;
}

export interface Bench {
  readonly name: string;
  readonly title: string;
  /** How it is measured: sentences. */
  readonly about: string;
  /** It is given up after so many minutes. */
  readonly minutes: number;
  measure(scope: Scope): Promise<Measured>;
}

/** Rejects when the time is over or a signal asks to end; `stop` forgets both. */
function interruption(minutes: number): { readonly rejected: Promise<never>; stop(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done after ${minutes} minutes`)), minutes * 60_000);
  const onSignal = (signal: string) => reject(new Error(signal));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    rejected: promise,
    stop: () => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

/** Calls `undo` once, however often it is asked to. */
function onlyOnce(undo: () => unknown): () => Promise<void> {
  let undone: Promise<void> | undefined;
  return async () => (undone ??= Promise.resolve(undo()).then(() => undefined));
}

async function undoAll(undos: readonly (() => Promise<void>)[]): Promise<void> {
  for (const undo of undos.toReversed()) {
    try {
      await undo();
    } catch (error) {
      console.error(error);
      process.exitCode = 1;
    }
  }
}

/** Prints the tables on standard output and writes the JSON; the exit code is 1 where the bench failed. */
export async function runBench(bench: Bench): Promise<void> {
  const undos: (() => Promise<void>)[] = [];
  let over = false;
  const scope: Scope = {
    defer: (undo) => {
      const once = onlyOnce(undo);
      undos.push(once);
      // A bench that was given up may still be in the middle of starting something: it gets no further.
      if (over) {
        void once();
        throw new Error('the bench is over');
      }
      return once;
    },
    say: (what) => console.error(`${bench.name}: ${what}`),
  };
  const machine = readMachine();
  const versions = await readVersions();
  const interrupted = interruption(bench.minutes);
  let failed = false;
  try {
    const { name, title, about } = bench;
    const measured = await Promise.race([bench.measure(scope), interrupted.rejected]);
    const result = { name, title, about, machine, versions, date: new Date().toISOString(), ...measured };
    console.log(`${title}: ${about}\n`);
    console.log(plainTable(figureRows(measured.figures)));
    if (measured.ratios.length > 0) console.log(`\n${plainTable(ratioRows(measured.ratios))}`);
    for (const note of measured.notes ?? []) console.log(`\n${note}`);
    console.log(`\n${await writeResult(result)}`);
  } catch (error) {
    console.error(error);
    failed = true;
  }
  interrupted.stop();
  over = true;
  await undoAll(undos);
  // An interrupted bench may still be waiting for something that will never come.
  if (failed) process.exit(1);
}
