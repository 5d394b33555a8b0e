/** The server block of a host in nginx.conf; each line shows the Ingress that it was made for. */
import { useMemo } from 'preact/hooks';
import { useAnswer } from '../api/use-answer.ts';
import { VirtualRows } from '../list/virtual-rows.tsx';
import { Failure } from '../parts/failure.tsx';
import { confLines } from '../text/conf-lines.ts';
import { countText } from '../text/format.ts';

const LINE_HEIGHT = 21;

export function ConfPanel({ host }: { readonly host: string }) {
  const { answer, failure } = useAnswer('conf', { host });
  const lines = useMemo(() => (answer === undefined ? [] : confLines(answer)), [answer]);
  if (answer === undefined) return <Failure failure={failure} />;
  const owners = answer.ingresses.length === 0 ? 'no Ingress' : answer.ingresses.join(', ');
  return (
    <>
      <Failure failure={failure} />
      {answer.truncated && <p class="notice">Only the first 4 MB of the block are shown.</p>}
      <p class="muted">
        {countText(lines.length, 'line')}. Lines without an Ingress beside them belong to the host: {owners}.
      </p>
      <div
        class="conf"
        role="table"
        aria-label="Server block in nginx.conf"
        aria-rowcount={lines.length + 1}
        tabIndex={0}
      >
        <div role="rowgroup">
          <div role="row" class="line titles" aria-rowindex={1}>
            <span role="columnheader">Line</span>
            <span role="columnheader">Ingress</span>
            <span role="columnheader">nginx.conf</span>
          </div>
        </div>
        <VirtualRows
          count={lines.length}
          rowHeight={LINE_HEIGHT}
          rowClass="line"
          row={(index) => {
            const line = lines[index];
            if (line === undefined) return null;
            return (
              <>
                <span role="cell" class="line-number">
                  {line.number}
                </span>
                <span role="cell" class={`owner ${line.ingress === undefined ? '' : 'owned'}`}>
                  {line.begins ? line.ingress : <span class="hidden">{line.ingress}</span>}
                </span>
                <code role="cell" class={line.kind}>
                  {line.text === '' ? '\u00a0' : line.text}
                </code>
              </>
            );
          }}
        />
      </div>
    </>
  );
}
