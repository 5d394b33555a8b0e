/** The most important numbers, each in a tile that leads to its view. */
import type { AnswerOf } from '../../../controller/inspect/schema/endpoints.ts';
import { useNow } from '../parts/use-now.ts';
import { agoText, countText, expiryText, msText, numberText, percentText } from '../text/format.ts';
import { placeHash } from '../text/location.ts';
import { newestP99 } from '../text/series.ts';

type Status = AnswerOf<'status'>;
type Traffic = AnswerOf<'traffic'>;

/** Certificates that expire earlier are worth a look. */
const SOON_DAYS = 21;

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly more?: string;
  readonly tone?: 'good' | 'warn' | 'bad';
  readonly href?: string;
}

function Tile({ label, value, more, tone, href }: TileProps) {
  const content = (
    <>
      <span class="label">{label}</span>
      <span class={`value ${tone ?? ''}`}>{value}</span>
      <span class="muted">{more ?? '\u00a0'}</span>
    </>
  );
  return href === undefined ? (
    <div class="tile">{content}</div>
  ) : (
    <a class="tile" href={href}>
      {content}
    </a>
  );
}

interface TilesProps {
  readonly status: Status;
  readonly traffic: Traffic | undefined;
  readonly certificate: AnswerOf<'certificates'>['items'][number] | undefined;
}

export function Tiles({ status, traffic, certificate }: TilesProps) {
  return (
    <div class="tiles">
      {traffic?.counted === true && <TrafficTiles traffic={traffic} />}
      <ReloadTile status={status} />
      <ObjectTiles counts={status.counts} />
      <CertificateTile count={status.counts.certificates} first={certificate} />
    </div>
  );
}

function TrafficTiles({ traffic }: { readonly traffic: Traffic }) {
  const { lastMinute } = traffic;
  if (lastMinute === null)
    return (
      <>
        <Tile label="Requests" value="0/s" more="last minute" />
        <Tile label="Errors (5xx)" value="–" more="no requests" />
        <Tile label="Latency, 99 %" value="–" more="no requests" />
      </>
    );
  const { perSecond, errorShare, refusedShare, meanMs } = lastMinute;
  const p99 = newestP99(traffic);
  return (
    <>
      <Tile label="Requests" value={`${numberText(perSecond)}/s`} more="last minute" />
      <Tile
        label="Errors (5xx)"
        value={percentText(errorShare)}
        more={`4xx: ${percentText(refusedShare)}`}
        tone={errorShare > 0 ? 'bad' : 'good'}
      />
      <Tile
        label="Latency, 99 %"
        value={p99 === null ? '–' : msText(p99)}
        more={meanMs === null ? 'not measured' : `mean ${msText(meanMs)}`}
      />
    </>
  );
}

function ReloadTile({ status: { counts, lastOutcomes } }: { readonly status: Status }) {
  const now = useNow();
  const { structure } = lastOutcomes;
  const more = structure === null ? 'none yet' : `last change ${agoText(structure.at, now)}`;
  return <Tile label="Reloads" value={counts.reloads.toLocaleString('en')} more={more} href={placeHash('changes')} />;
}

function ObjectTiles({ counts }: { readonly counts: Status['counts'] }) {
  const { errors, warnings, hosts, ingresses, routes } = counts;
  return (
    <>
      <Tile
        label="Problems"
        value={(errors + warnings).toLocaleString('en')}
        more={`${countText(errors, 'error')}, ${countText(warnings, 'warning')}`}
        tone={errors > 0 ? 'bad' : warnings > 0 ? 'warn' : 'good'}
        href={placeHash('problems')}
      />
      <Tile
        label="Hosts"
        value={hosts.toLocaleString('en')}
        more={`${countText(ingresses, 'Ingress', 'Ingresses')}, ${countText(routes, 'route')}`}
        href={placeHash('hosts')}
      />
    </>
  );
}

interface CertificateTileProps {
  readonly count: number;
  readonly first: TilesProps['certificate'];
}

function CertificateTile({ count, first }: CertificateTileProps) {
  const days = first?.daysLeft;
  const tone = days === undefined || days >= SOON_DAYS ? {} : { tone: days < 0 ? ('bad' as const) : ('warn' as const) };
  return (
    <Tile
      label="Certificates"
      value={count.toLocaleString('en')}
      more={days === undefined ? 'none' : `the first ${expiryText(days)}`}
      href={placeHash('certificates')}
      {...tone}
    />
  );
}
