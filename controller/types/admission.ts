/** Admission: what the API server asks before it stores an object, and what the webhook answers. */

export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: 'CREATE' | 'UPDATE';
  readonly namespace: string;
  /** Empty if the API server has not generated the name yet. */
  readonly name: string;
  /** The objects as JSON values that nobody has validated. */
  readonly object: unknown;
  /** The stored object; undefined or null for CREATE. */
  readonly oldObject: unknown;
}

/**
 * `denial`: why the object is denied; undefined if it is admitted. `warnings` are shown to the author in both cases.
 */
export interface AdmissionVerdict {
  readonly denial?: string;
  readonly warnings: readonly string[];
}

/** What one review cost. */
export interface ReviewFigures {
  /** Seconds until the build of the candidate began: reading the objects, and waiting for other reviews. */
  readonly before: number;
  /** Seconds for the build of the candidate. */
  readonly build: number;
  /** Number of Ingresses of the hosts that the candidate affects. */
  readonly tested: number;
  /** Number of Ingresses in the Snapshot. */
  readonly known: number;
}

/** Answers a request; undefined if that is not possible yet. Rejects if the signal aborts it. */
export type Review = (request: AdmissionRequest, signal: AbortSignal) => Promise<AdmissionVerdict | undefined>;

/** `skipped`: admitted without a decision, such as a deletion. `failed`: no decision; the `failurePolicy` applies. */
export const ADMISSION_RESULTS = ['admitted', 'warned', 'denied', 'skipped', 'failed'] as const;
export type AdmissionResult = (typeof ADMISSION_RESULTS)[number];

/** Reads the body of a request as it arrives, and keeps only the parts that are used. */
export interface BodyReader {
  /** Returns why the body is refused, as soon as that is known. Later chunks have no effect. */
  readonly push: (chunk: Uint8Array) => string | undefined;
  /** JSON of the parts that are kept; undefined if the body is incomplete. */
  readonly end: () => string | undefined;
}
