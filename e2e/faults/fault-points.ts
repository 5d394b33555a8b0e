/**
 * Faults inside an unmodified controller: a preloaded module (preload.ts) wraps Node's functions, reports which step is
 * reached, and does there what a file asks for. The product has no hook for it.
 */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../runner/instance.ts';
import type { Order, Step } from './steps.ts';

/** A URL, because NODE_OPTIONS is split at spaces. */
const PRELOAD = new URL('preload.ts', import.meta.url).href;

export interface FaultPoints {
  /** Environment of a controller with fault points. */
  readonly env: Readonly<Record<string, string>>;
  /** The next time this step is reached, the order is carried out, once. */
  arm(step: Step, order: Order): void;
  /** Resolves when the armed step was reached. */
  reached(timeout?: number): Promise<void>;
  /** Cancels an armed step that was not reached. */
  disarm(): void;
  /** Resumes a controller that an order holds. */
  release(): void;
  /** From now on, writes to these folders fail like this; undefined ends it. */
  failWrites(error: WriteFailure | undefined): void;
  /** Sets the wall clock of the controller ahead by this many milliseconds. */
  shiftClock(ms: number): void;
  /** How far its clock is ahead, by its own report. */
  clockShift(): number;
  dispose(): void;
}

export interface WriteFailure {
  readonly code: 'ENOSPC' | 'EROFS';
  readonly below: string;
}

/** Makes the folder through which test and preloaded module communicate. */
export function createFaultPoints(): FaultPoints {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-faults-'));
  const place = (name: string): string => join(folder, name);

  function put(name: string, content: object | undefined): void {
    if (content === undefined) {
      rmSync(place(name), { force: true });
      return;
    }
    writeFileSync(place('next'), JSON.stringify(content));
    renameSync(place('next'), place(name));
  }

  return {
    env: { NODE_OPTIONS: `--import=${PRELOAD}`, TIDEGATE_FAULT_POINTS: folder },
    arm(step, order) {
      for (const name of ['go', 'reached']) put(name, undefined);
      put('armed', { step, order });
    },
    reached: (timeout = 15_000) => until('the armed step is reached', () => existsSync(place('reached')), timeout),
    disarm: () => put('armed', undefined),
    release: () => put('go', {}),
    failWrites: (error) => put('writes', error),
    shiftClock: (ms) => put('clock', { ms }),
    clockShift: () => Number(existsSync(place('clock-is')) ? readFileSync(place('clock-is'), 'utf8') : 0),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
