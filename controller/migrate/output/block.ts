/** What the report consists of: text, Markdown and HTML show the same blocks. */
import type { IngressVerdict, KeyVerdict } from '../report.ts';

/** One entry of a list: what it is about, a verdict, and sentences. */
export interface ReportEntry {
  readonly title: string;
  readonly value?: string;
  readonly verdict?: IngressVerdict | KeyVerdict;
  readonly place?: string;
  readonly sentences: readonly string[];
}

export interface IngressBlock {
  readonly kind: 'ingress';
  readonly title: string;
  readonly verdict: IngressVerdict;
  readonly place?: string;
  readonly entries: readonly ReportEntry[];
  /** Names of keys about which there is nothing to say. */
  readonly same: readonly string[];
}

export type Block =
  | { readonly kind: 'title' | 'heading' | 'paragraph'; readonly text: string }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'entries'; readonly entries: readonly ReportEntry[] }
  | IngressBlock;

export const VERDICT_WORDS: Readonly<Record<IngressVerdict | KeyVerdict, string>> = {
  same: 'same',
  differs: 'differs',
  closed: 'closed',
  'no-effect': 'no effect',
  refused: 'refused',
  replaced: 'replaced',
  unknown: 'unknown',
};
