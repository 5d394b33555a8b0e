/**
 * Runs one bench, prints its tables and writes its JSON. Every process that the bench started is ended within a time
 * limit, even if the bench fails.
 */
import { readMachine, readVersions } from './machine.ts';
import { writeResult } from './result.ts';
import type { Measured } from './result.ts';
import { figureRows, plainTable, ratioRows } from './table.ts';

export interface Scope {
  /**
   * Calls `undo` when the bench is over; functions are called in reverse order. The returned function calls `undo` at
   * once.
   */
  defer(undo: () => unknown): () => Promise<void>;
  /** Prints one line of progress on standard error. */
  say(what: string): void;
}

export interface Bench {
  readonly name: string;
  readonly title: string;
  /** How the bench measures, in full sentences. */
  readonly about: string;
  /** The bench is aborted after this many minutes. */
  readonly minutes: number;
  measure(scope: Scope): Promise<Measured>;
}

/** `rejected` rejects when the time is up or a signal arrives; `stop` cancels the timer and the signal handlers. */
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

/** Returns a function that calls `undo` only once, however often the function itself is called. */
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

/** Prints the tables on standard output and writes the JSON. Exits with code 1 if the bench failed. */
export async function runBench(bench: Bench): Promise<void> {
  const undos: (() => Promise<void>)[] = [];
  let over = false;
  const scope: Scope = {
    defer: (undo) => {
      const once = onlyOnce(undo);
      undos.push(once);
      // `measure` of an aborted bench still runs and may start processes. Such a process is ended at once, and the
      // exception ends `measure`.
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
  // Ends the process, because the `measure` of an interrupted bench may wait forever.
  if (failed) process.exit(1);
}
