/** What a test can do to an emulator, and read from it. */
import type { Fault, Scope } from './faults.ts';
import type { ApiObject, JsonObject } from './object.ts';
import type { RequestLog } from './request-log.ts';

export interface EmulatorControls {
  /** Plants a fault; it waits for the requests that it is meant for. */
  fault(given: Fault): void;
  clearFaults(): void;
  /** Cuts the connections of open watches; how many. */
  dropWatches(scope?: Scope): number;
  /** Ends open watches cleanly; how many. */
  endWatches(scope?: Scope): number;
  /** Open watches stay open and never send anything again; how many. */
  silenceWatches(scope?: Scope): number;
  /** Open watches. */
  watches(scope?: Scope): number;
  /** Open watches that began at least so many milliseconds ago. */
  watchesFor(ms: number): number;
  /** Forgets the history: every older resourceVersion is too old from now on. */
  compact(): void;
  /** Cuts every connection and goes on with the same objects under revisions from here on, as a restored backup. */
  restart(revision: number): void;
  /** Refuses connections, and cuts those there are, for so many milliseconds; resolves when it listens again. */
  refuse(ms: number): Promise<void>;
  /**
   * Creates or replaces an object, status included, and its namespace where that is missing. Returns what is stored.
   * Throws where the API server would refuse the object.
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
