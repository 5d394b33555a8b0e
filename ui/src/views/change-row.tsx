/** One change: an operation on NGINX, or a Problem that appeared or was solved. */
import type { ReceivedChange } from '../api/changes.ts';
import { clockText, countText } from '../text/format.ts';
import { placeHash } from '../text/location.ts';
import { OUTCOME_KINDS, reasonText, timingText, type Tone } from '../text/outcome.ts';

interface Described {
  readonly at: string;
  readonly kind: string;
  readonly tone: Tone;
  readonly text: string;
  readonly more?: string;
}

const SEVERITY_TONES = { error: 'bad', warning: 'warn', notice: 'plain' } as const;

function described(event: ReceivedChange['event']): Described {
  switch (event.type) {
    case 'outcome': {
      const { outcome } = event;
      const [kind, tone] = OUTCOME_KINDS[outcome.kind];
      return { at: outcome.at, kind, tone, text: reasonText(outcome), more: timingText(outcome) };
    }
    case 'problem': {
      const { severity, solved, since, text } = event.problem;
      return solved === null
        ? { at: since, kind: severity, tone: SEVERITY_TONES[severity], text }
        : { at: solved, kind: 'solved', tone: 'good', text };
    }
    case 'more': {
      const { appeared, solved, at } = event;
      const text = `${countText(appeared, 'more Problem')} appeared, ${countText(solved, 'more Problem')} solved`;
      return { at, kind: 'Problems', tone: 'plain', text };
    }
  }
}

export function ChangeRow({ event }: { readonly event: ReceivedChange['event'] }) {
  const { at, kind, tone, text, more = '' } = described(event);
  return (
    <li class="change">
      <time dateTime={at}>{clockText(at)}</time>
      <span class={`chip ${tone}`}>{kind}</span>
      <span class="text">
        {event.type === 'more' ? <a href={placeHash('problems')}>{text}</a> : text}
        {more !== '' && <span class="muted"> {more}</span>}
      </span>
    </li>
  );
}
