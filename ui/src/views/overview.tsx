/** The first view: whether all is well, what is served, and what has happened. */
import { useMemo } from 'preact/hooks';
import type { AnswerOf } from '../../../controller/inspect/schema/endpoints.ts';
import { useAnswer } from '../api/use-answer.ts';
import { ChartPanel, type Line } from '../parts/chart.tsx';
import { msText, numberText, percentText } from '../text/format.ts';
import { placeHash } from '../text/location.ts';
import { durationChart, newestP99, rateChart, reloadTimes } from '../text/series.ts';
import { ChangeRow } from './change-row.tsx';
import { ControllerFacts } from './controller-facts.tsx';
import { Tiles } from './tiles.tsx';

type Status = AnswerOf<'status'>;
type Traffic = AnswerOf<'traffic'>;

const EVERY_MS = 2000;
const RECENT = 6;
const RATE_LINES: readonly Line[] = [
  { label: 'all requests', color: '--accent', filled: true },
  { label: '4xx', color: '--warn' },
  { label: '5xx', color: '--bad' },
];
const DURATION_LINES: readonly Line[] = [
  { label: '50 %', color: '--good' },
  { label: '95 %', color: '--accent' },
  { label: '99 %', color: '--warn' },
];

function perSecond(value: number): string {
  return `${numberText(value)}/s`;
}

export function OverviewView() {
  const { answer: status } = useAnswer('status', {}, EVERY_MS);
  const { answer: traffic } = useAnswer('traffic', {}, EVERY_MS);
  const { answer: outcomes } = useAnswer('outcomes', { limit: 200 });
  const { answer: certificates } = useAnswer('certificates', { limit: 1 });
  if (status === undefined) return <p class="muted">Asking the controller …</p>;
  return (
    <>
      <StateBanner status={status} />
      <Tiles status={status} traffic={traffic} certificate={certificates?.items[0]} />
      {traffic?.counted === true ? <Charts traffic={traffic} outcomes={outcomes?.items ?? []} /> : null}
      {traffic?.counted === false && <NotCounted status={status} />}
      <div class="columns">
        <RecentChanges items={outcomes?.items ?? []} />
        {traffic?.counted === true && <Busiest traffic={traffic} />}
        <ControllerFacts status={status} />
      </div>
    </>
  );
}

function StateBanner({ status: { state, reasons } }: { readonly status: Status }) {
  if (state === 'healthy') return null;
  return (
    <div class={`notice ${state === 'unhealthy' ? 'bad' : 'warn'}`}>
      <strong>{state === 'unhealthy' ? 'Unhealthy' : 'Degraded'}</strong>
      <ul>
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </div>
  );
}

interface ChartsProps {
  readonly traffic: Traffic;
  readonly outcomes: AnswerOf<'outcomes'>['items'];
}

function Charts({ traffic, outcomes }: ChartsProps) {
  const rates = useMemo(() => rateChart(traffic), [traffic]);
  const durations = useMemo(() => durationChart(traffic), [traffic]);
  const marks = useMemo(() => reloadTimes(outcomes), [outcomes]);
  const { lastMinute } = traffic;
  const p99 = newestP99(traffic);
  return (
    <div class="columns">
      <ChartPanel
        title="Requests per second"
        chart={rates}
        lines={RATE_LINES}
        valueText={numberText}
        marks={marks}
        summary={
          lastMinute === null
            ? 'Chart of the last ten minutes. There were no requests in the last minute.'
            : `Chart of the last ten minutes. In the last minute: ${perSecond(lastMinute.perSecond)}, ${percentText(lastMinute.errorShare)} with a status from 500 on.`
        }
      />
      <ChartPanel
        title="Latency"
        chart={durations}
        lines={DURATION_LINES}
        valueText={msText}
        marks={marks}
        summary={`Chart of the last ten minutes. ${p99 === null ? 'There were no requests.' : `99 % of the last requests took at most ${msText(p99)}.`}`}
      />
    </div>
  );
}

function NotCounted({ status: { command } }: { readonly status: Status }) {
  return (
    <p class="notice">
      {command === 'ui'
        ? 'These manifests are only built: NGINX does not run, so there are neither requests nor reloads.'
        : 'Requests are not counted: --enable-metrics is false, or --exclude-socket-metrics excludes everything.'}
    </p>
  );
}

function RecentChanges({ items }: { readonly items: AnswerOf<'outcomes'>['items'] }) {
  return (
    <section class="panel">
      <h2>
        <a href={placeHash('changes')}>Recent changes</a>
      </h2>
      {items.length === 0 && <p class="muted">Nothing has changed yet.</p>}
      <ul class="feed">
        {items.slice(0, RECENT).map((outcome) => (
          <ChangeRow key={`${outcome.at} ${outcome.step}`} event={{ type: 'outcome', outcome }} />
        ))}
      </ul>
    </section>
  );
}

function Busiest({ traffic: { hosts } }: { readonly traffic: Traffic }) {
  return (
    <section class="panel">
      <h2>Busiest hosts</h2>
      {hosts.length === 0 ? (
        <p class="muted">There were no requests in the last minute.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Host</th>
              <th scope="col" class="number">
                Requests
              </th>
              <th scope="col" class="number">
                5xx
              </th>
              <th scope="col" class="number">
                Mean
              </th>
            </tr>
          </thead>
          <tbody>
            {hosts.map(({ host, rates }) => (
              <tr key={host}>
                <td>
                  <a href={placeHash('host', { name: host })}>{host === '' ? 'catch-all host' : host}</a>
                </td>
                <td class="number">{perSecond(rates.perSecond)}</td>
                <td class={`number ${rates.errorShare > 0 ? 'bad' : ''}`}>{percentText(rates.errorShare)}</td>
                <td class="number">{rates.meanMs === null ? '–' : msText(rates.meanMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
