/** The JSON form of a typed object: every field may be missing or null, and times are strings. */
export type Json<T> = T extends readonly (infer U)[]
  ? readonly Json<U>[]
  : T extends Date
    ? string
    : T extends object
      ? { readonly [K in keyof T]?: Json<T[K]> | null }
      : T;
