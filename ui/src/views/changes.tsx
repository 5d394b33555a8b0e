/** Changes as they happen, and those before the page was opened. */
import { useState } from 'preact/hooks';
import type { ReceivedChange } from '../api/changes.ts';
import { useAnswer, useFeed } from '../api/use-answer.ts';
import { ChangeRow } from './change-row.tsx';

type Event = ReceivedChange['event'];

/** The time of a change, by which the list is sorted. */
function timeOf(event: Event): string {
  if (event.type === 'outcome') return event.outcome.at;
  return event.type === 'problem' ? (event.problem.solved ?? event.problem.since) : event.at;
}

const KINDS = [
  ['all', 'Everything'],
  ['outcome', 'NGINX'],
  ['problem', 'Problems'],
] as const;

export function ChangesView() {
  const received = useFeed().events();
  const { answer } = useAnswer('outcomes', { limit: 200 });
  const [kind, setKind] = useState<(typeof KINDS)[number][0]>('all');
  // The history has the Outcomes; the stream also has Problems.
  const outcomes: readonly Event[] = (answer?.items ?? []).map((outcome) => ({ type: 'outcome', outcome }));
  const others = received.map(({ event }) => event).filter(({ type }) => type !== 'outcome');
  const all = [...outcomes, ...others].toSorted((a, b) => timeOf(b).localeCompare(timeOf(a)));
  const shown = all.filter(({ type }) => kind === 'all' || (kind === 'outcome') === (type === 'outcome'));
  return (
    <>
      <p class="muted">
        A change that NGINX gets as live data needs no reload. Problems are listed from the moment this page was opened.
      </p>
      <fieldset class="switch">
        <legend class="hidden">Which changes</legend>
        {KINDS.map(([value, text]) => (
          <label key={value}>
            <input type="radio" name="kind" checked={kind === value} onChange={() => setKind(value)} />
            {text}
          </label>
        ))}
      </fieldset>
      <section class="panel" aria-label="Changes, newest first">
        {shown.length === 0 && <p class="muted">Nothing has changed yet.</p>}
        <ul class="feed" aria-live="polite" aria-relevant="additions">
          {shown.map((event, index) => (
            <ChangeRow key={`${event.type} ${timeOf(event)} ${shown.length - index}`} event={event} />
          ))}
        </ul>
      </section>
    </>
  );
}
