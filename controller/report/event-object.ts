/** Creates the core/v1 Events that `kubectl describe` shows. */
import { createHash } from 'node:crypto';
import { firstBytes } from '../types/first-bytes.ts';
import type { ObjectRef } from '../types/problem.ts';

/** The object that an Event is about. `kubectl describe` looks up Events by `uid`. */
export interface EventTarget extends ObjectRef {
  readonly uid: string;
}

export interface EventNote {
  readonly target: EventTarget;
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase. */
  readonly reason: string;
  readonly message: string;
  /**
   * If true, all reports with the same reason and type on one object share one Event, which shows the newest message.
   * Otherwise each message has a separate Event.
   */
  readonly newestOnly: boolean;
}

/** Identifies the reporter in `source.component` and `source.host`. */
export interface EventSource {
  readonly component: string;
  /** Name of the pod. */
  readonly instance: string;
}

const API_VERSIONS: Readonly<Record<string, string>> = {
  EndpointSlice: 'discovery.k8s.io/v1',
  Ingress: 'networking.k8s.io/v1',
  IngressClass: 'networking.k8s.io/v1',
};
/** The API server's limit for the message of an Event, in bytes. */
const MOST_BYTES = 1024;
/** The API server's limit for the name of an object, minus a dot and sixteen hex digits. */
const MOST_NAME = 253 - 17;

/** `invalid-annotation` → `InvalidAnnotation`. */
export function reasonOf(code: string): string {
  return code.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Truncates a message to 1,024 bytes, without splitting a character. */
export function eventMessage(text: string): string {
  return firstBytes(text, MOST_BYTES);
}

/** The namespace of an object's Events. Events of cluster-scoped objects are in `default`. */
export function eventNamespace({ namespace }: ObjectRef): string {
  return namespace === '' ? 'default' : namespace;
}

/**
 * The name of the Event for a report. Every process uses the same name for the same report, so a second replica or a
 * restarted controller finds the existing Event and does not create another.
 */
export function eventName({ target, type, reason, message, newestOnly }: EventNote): string {
  const identity = JSON.stringify([target.kind, target.uid, type, reason, newestOnly ? '' : eventMessage(message)]);
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  return `${target.name.slice(0, MOST_NAME).replace(/[.-]+$/, '')}.${hash}`;
}

/** A time in RFC 3339 with whole seconds, for `firstTimestamp` and `lastTimestamp`. */
export function eventTime(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The body of the request that creates an Event. */
export function eventObject(note: EventNote, source: EventSource, count: number, at: Date): object {
  const { target } = note;
  const namespace = eventNamespace(target);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: eventName(note), namespace },
    involvedObject: {
      apiVersion: API_VERSIONS[target.kind] ?? 'v1',
      kind: target.kind,
      ...(target.namespace !== '' && { namespace }),
      name: target.name,
      uid: target.uid,
    },
    type: note.type,
    reason: note.reason,
    message: eventMessage(note.message),
    source: { component: source.component, host: source.instance },
    reportingComponent: source.component,
    reportingInstance: source.instance,
    firstTimestamp: eventTime(at),
    lastTimestamp: eventTime(at),
    count,
  };
}
