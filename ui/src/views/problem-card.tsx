/** A Problem: what is wrong, where, what an accepted value looks like, and how to get there. */
import { CopyButton } from '../parts/copy-button.tsx';
import { useNow } from '../parts/use-now.ts';
import { agoText } from '../text/format.ts';
import { editCommand, placeText, type ProblemItem } from '../text/mend.ts';

const TONES = { error: 'bad', warning: 'warn', notice: 'plain' } as const;

export function ProblemCard({ item }: { readonly item: ProblemItem }) {
  const now = useNow();
  const { severity, object, field, value, example, message, effect, code, since, solved } = item;
  const place = placeText(item);
  const command = editCommand(item);
  return (
    <article class="problem">
      <div class="problem-head">
        <span class={`chip small ${solved === null ? TONES[severity] : 'good'}`}>
          {solved === null ? severity : 'solved'}
        </span>
        {object !== undefined && (
          <strong>
            {object.kind} {object.namespace === '' ? '' : `${object.namespace}/`}
            {object.name}
          </strong>
        )}
        <span class="muted">{solved === null ? `found ${agoText(since, now)}` : agoText(solved, now)}</span>
      </div>
      <p>{message}</p>
      <dl class="facts">
        {field !== undefined && (
          <div>
            <dt>Field</dt>
            <dd>
              <code class="wrap">{field}</code>
            </dd>
          </div>
        )}
        {value !== undefined && (
          <div>
            <dt>Value</dt>
            <dd>
              <code class="wrap">{value}</code>
            </dd>
          </div>
        )}
        {example !== undefined && (
          <div>
            <dt>Example</dt>
            <dd>
              <code class="wrap">{example}</code> <CopyButton text={example} />
            </dd>
          </div>
        )}
        {place !== undefined && (
          <div>
            <dt>Line</dt>
            <dd>
              <code class="wrap">{place}</code> <CopyButton text={place} />
            </dd>
          </div>
        )}
        {command !== undefined && solved === null && (
          <div>
            <dt>Edit</dt>
            <dd>
              <code class="wrap">{command}</code> <CopyButton text={command} />
            </dd>
          </div>
        )}
        <div>
          <dt>Effect</dt>
          <dd>
            {effect} <span class="muted">({code})</span>
          </dd>
        </div>
      </dl>
    </article>
  );
}
