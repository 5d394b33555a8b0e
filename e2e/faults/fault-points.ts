/**
 * Injects faults into an unmodified controller. The module preload.ts, which Node loads before the controller, wraps
 * functions of Node. It records when an armed step is reached, and carries out the order for that step. Test and module
 * communicate by files. The controller itself has no hook for this.
 */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../runner/instance.ts';
import type { Order, Step } from './steps.ts';

/** The URL of the module. NODE_OPTIONS is split at spaces, which a path could contain. */
const PRELOAD = new URL('preload.ts', import.meta.url).href;

export interface FaultPoints {
  /** The environment variables of a controller with fault points. */
  readonly env: Readonly<Record<string, string>>;
  /** Carries out the order once, the next time the controller reaches this step. */
  arm(step: Step, order: Order): void;
  /** Resolves when the armed step has been reached. */
  reached(timeout?: number): Promise<void>;
  /** Cancels an armed step that has not been reached. */
  disarm(): void;
  /** Resumes a controller that the order `hold` has stopped. */
  release(): void;
  /** Makes writes to a folder or file fail with an error code; undefined lets writes succeed again. */
  failWrites(error: WriteFailure | undefined): void;
  /** Moves the wall clock of the controller forward by this many milliseconds. */
  shiftClock(ms: number): void;
  /** How many milliseconds the controller's clock is ahead, as the module reports. */
  clockShift(): number;
  dispose(): void;
}

export interface WriteFailure {
  readonly code: 'ENOSPC' | 'EROFS';
  readonly below: string;
}

/** Creates the folder of the files by which test and module communicate. */
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
