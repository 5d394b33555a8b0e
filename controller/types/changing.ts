/** Values that change while the process runs, such as a certificate that is renewed. */

export interface Changing<T> {
  /** Undefined as long as there is no usable value. */
  readonly current: () => T | undefined;
  /** Calls `changed` after each change. */
  readonly onChange: (changed: () => void) => void;
}

/** A certificate, followed by its chain, and its private key: PEM. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}
