/** The functions by which a test changes and reads the state of an emulator. */
import type { Fault, Scope } from './faults.ts';
import type { ApiObject, JsonObject } from './object.ts';
import type { RequestLog } from './request-log.ts';

export interface EmulatorControls {
  /** Injects a fault, which affects matching requests from now on. */
  fault(given: Fault): void;
  clearFaults(): void;
  /** Cuts the connections of open watches, and returns how many there were. */
  dropWatches(scope?: Scope): number;
  /** Ends open watches cleanly, as after a timeout, and returns how many there were. */
  endWatches(scope?: Scope): number;
  /** Keeps open watches open, but sends nothing more on them; returns how many there are. */
  silenceWatches(scope?: Scope): number;
  /** How many watches are open. */
  watches(scope?: Scope): number;
  /** How many of the open watches began at least this many milliseconds ago. */
  watchesFor(ms: number): number;
  /** Drops the history, so that every older resourceVersion is too old for a watch. */
  compact(): void;
  /**
   * Cuts all connections, and gives the existing objects new revisions that begin with `revision`, as after a backup
   * was restored.
   */
  restart(revision: number): void;
  /**
   * Cuts all connections, and refuses new ones for this many milliseconds. Resolves when the emulator listens again.
   */
  refuse(ms: number): Promise<void>;
  /**
   * Creates or replaces an object, including its status. Creates its namespace if it does not exist. Returns the stored
   * object. Throws if the API server would reject the object.
   */
  put(object: JsonObject): ApiObject;
  /** Deletes an object if it exists. */
  remove(kind: string, namespace: string, name: string): void;
  /** Reads an object of a kind such as `Ingress`. For cluster-scoped kinds, the namespace is empty. */
  get(kind: string, namespace: string, name: string): ApiObject | undefined;
  /** All objects of a kind. */
  list(kind: string): readonly ApiObject[];
  readonly log: RequestLog;
}
