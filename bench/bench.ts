/** Runs one bench: sizes in, table and JSON out. Everything it started ends in any case, and within a time limit. */
import { readMachine, readVersions } from './machine.ts';
import { writeResult } from './result.ts';
import type { Measured } from './result.ts';
import { figureRows, plainTable, ratioRows } from './table.ts';

export interface Scope {
  /** Undoes something when the bench is over, in reverse order; the returned function does so at once. */
  defer(undo: () => unknown): () => Promise<void>;
  /** One line of progress on standard error. */
  say(what: string): void;
}

export interface Bench {
  readonly name: string;
  readonly title: string;
  /** How it is measured: sentences. */
  readonly about: string;
  /** It is aborted after this many minutes. */
  readonly minutes: number;
  measure(scope: Scope): Promise<Measured>;
}

/** Rejects when the time is up or a signal arrives; `stop` cancels both. */
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

/** Calls `undo` once, however often it is called. */
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

/** Prints the tables on standard output and writes the JSON; the exit code is 1 if the bench failed. */
export async function runBench(bench: Bench): Promise<void> {
  const undos: (() => Promise<void>)[] = [];
  let over = false;
  const scope: Scope = {
    defer: (undo) => {
      const once = onlyOnce(undo);
      undos.push(once);
      // An aborted bench may still be starting something: it gets no further.
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
  // An interrupted bench may still be waiting for something that never comes.
  if (failed) process.exit(1);
}
