/** An object whose shape has been checked: fields have the right types, but required fields may still be missing. */
export type Loose<T> = T extends readonly (infer U)[]
  ? Loose<U>[]
  : T extends Date
    ? string
    : T extends object
      ? { [K in keyof T]?: Loose<T[K]> | undefined }
      : T;
