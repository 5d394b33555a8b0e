/** Parsers: raw text of an annotation or ConfigMap key → value, or the reason why the text is invalid. */
import { withoutPasswords } from '../../types/without-passwords.ts';

export type Parsed<T> =
  /** `dropped`: which items of a list are invalid and why, worded like a `reason`. */
  | { readonly ok: true; readonly value: T; readonly dropped?: string | undefined }
  | { readonly ok: false; readonly reason: string };

export interface Parser<T> {
  /** What is accepted, for error messages and docs: "true or false". */
  readonly accepts: string;
  /** `raw` is trimmed and not empty. */
  readonly parse: (raw: string) => Parsed<T>;
}

export function accept<T>(value: T, dropped?: string): Parsed<T> {
  return { ok: true, value, ...(dropped === undefined ? {} : { dropped: withoutPasswords(dropped) }) };
}

/** The reason may quote a part of the text: passwords in URLs are left out. */
export function reject(reason: string): Parsed<never> {
  return { ok: false, reason: withoutPasswords(reason) };
}
