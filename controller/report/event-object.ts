/** A core/v1 Event, the kind that `kubectl describe` shows, as a value. */
import { createHash } from 'node:crypto';
import type { ObjectRef } from '../types/problem.ts';

/** `uid` is needed: `kubectl describe` asks for the Events of a uid. */
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
   * Events of one reason on one object share one Event, which shows the newest message; otherwise each message is a
   * separate Event.
   */
  readonly newestOnly: boolean;
}

/** The reporter: `source.component` and `source.host`. */
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
/** Limit of the API server for the note of an Event, in bytes. */
const MOST_BYTES = 1024;
/** Limit for the name of an object, minus a dot and sixteen hex digits. */
const MOST_NAME = 253 - 17;

/** `invalid-annotation` → `InvalidAnnotation`. */
export function reasonOf(code: string): string {
  return code.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** At most 1,024 bytes, cut between characters. */
export function eventMessage(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MOST_BYTES) return text;
  const kept = bytes.subarray(0, MOST_BYTES - 3);
  // A truncated character decodes to U+FFFD.
  return `${kept.toString().replace(/\uFFFD+$/, '')}…`;
}

/** Events of objects without a namespace are in `default`. */
export function eventNamespace({ namespace }: ObjectRef): string {
  return namespace === '' ? 'default' : namespace;
}

/**
 * Equal for the same report on the same object, whichever process makes it: a second replica or a restarted controller
 * finds the Event and does not create another.
 */
export function eventName({ target, type, reason, message, newestOnly }: EventNote): string {
  const identity = JSON.stringify([target.kind, target.uid, type, reason, newestOnly ? '' : eventMessage(message)]);
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  return `${target.name.slice(0, MOST_NAME).replace(/[.-]+$/, '')}.${hash}`;
}

/** RFC 3339 in whole seconds, for the times of the first and last occurrence. */
export function eventTime(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Body of the create request. */
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
