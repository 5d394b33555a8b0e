/** What a test can do to an emulator, and read from it. */
import type { Fault, Scope } from './faults.ts';
import type { ApiObject, JsonObject } from './object.ts';
import type { RequestLog } from './request-log.ts';

export interface EmulatorControls {
  /** Sets a fault, which waits for matching requests. */
  fault(given: Fault): void;
  clearFaults(): void;
  /** Cuts the connections of open watches; returns how many. */
  dropWatches(scope?: Scope): number;
  /** Ends open watches cleanly; returns how many. */
  endWatches(scope?: Scope): number;
  /** Open watches stay open but never send anything again; returns how many. */
  silenceWatches(scope?: Scope): number;
  /** Open watches. */
  watches(scope?: Scope): number;
  /** Open watches that began at least this many milliseconds ago. */
  watchesFor(ms: number): number;
  /** Drops the history: every older resourceVersion is too old from now on. */
  compact(): void;
  /**
   * Cuts every connection and continues with the same objects under revisions from this one on, like a restored backup.
   */
  restart(revision: number): void;
  /** Refuses connections, and cuts the existing ones, for this many milliseconds; resolves when it listens again. */
  refuse(ms: number): Promise<void>;
  /**
   * Creates or replaces an object, including its status, and its namespace if that is missing. Returns what is stored.
   * Throws if the API server would reject the object.
   */
  put(object: JsonObject): ApiObject;
  /** Deletes an object if it is there. */
  remove(kind: string, namespace: string, name: string): void;
  /** Reads an object by kind (`Ingress`); the namespace is empty for cluster-scoped kinds. */
  get(kind: string, namespace: string, name: string): ApiObject | undefined;
  /** All objects of a kind. */
  list(kind: string): readonly ApiObject[];
  readonly log: RequestLog;
}
