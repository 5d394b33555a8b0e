/** Outcomes in words. */
import type { AnswerOf } from '../../../controller/inspect/schema/endpoints.ts';
import { msText } from './format.ts';

export type OutcomeItem = AnswerOf<'outcomes'>['items'][number];
export type Tone = 'good' | 'plain' | 'warn' | 'bad';

/** Short names for what happened, and how it looks. */
export const OUTCOME_KINDS: Readonly<Record<OutcomeItem['kind'], readonly [text: string, tone: Tone]>> = {
  none: ['no change in NGINX', 'plain'],
  live: ['live', 'good'],
  started: ['started', 'good'],
  adopted: ['adopted', 'good'],
  reload: ['reload', 'warn'],
  refused: ['refused', 'bad'],
  failed: ['failed', 'bad'],
};

const WITHOUT_REASON: Readonly<Partial<Record<OutcomeItem['kind'], string>>> = {
  started: 'NGINX was started',
  adopted: 'the running NGINX was taken over',
};

/** Why, in one line. */
export function reasonText({ kind, reasons, moreReasons, message }: OutcomeItem): string {
  const listed = reasons.length === 0 ? (WITHOUT_REASON[kind] ?? '') : reasons.join('; ');
  const more = moreReasons === 0 ? '' : ` and ${moreReasons} more`;
  return message === undefined ? `${listed}${more}` : [listed, message].filter((part) => part !== '').join(': ');
}

/** How long it took: `in force after 12 ms`, `nginx -t 80 ms`. */
export function timingText({ sinceMs, ms, testMs }: OutcomeItem): string {
  const parts = [
    ...(sinceMs === undefined ? [] : [`in force after ${msText(sinceMs)}`]),
    ...(testMs === undefined ? [] : [`nginx -t ${msText(testMs)}`]),
    ...(ms === undefined || sinceMs !== undefined ? [] : [msText(ms)]),
  ];
  return parts.join(', ');
}
