/** The paths of a host: path → Ingress → backends → endpoints, with health and share. */
import { useMemo } from 'preact/hooks';
import type { AnswerOf } from '../../../controller/inspect/schema/endpoints.ts';
import { VirtualRows } from '../list/virtual-rows.tsx';
import { countText, percentText } from '../text/format.ts';
import {
  type BackendItem,
  backendOf,
  backendsByService,
  type Destination,
  destinationsOf,
  endpointShares,
  type RouteItem,
  serviceText,
} from '../text/shares.ts';

interface RoutesPanelProps {
  readonly routes: readonly RouteItem[];
  readonly backends: AnswerOf<'backends'> | undefined;
}

const ROW_HEIGHT = 110;

export function RoutesPanel({ routes, backends }: RoutesPanelProps) {
  const known = useMemo(() => backendsByService(backends?.items ?? []), [backends]);
  return (
    <section aria-label="Paths">
      <p class="muted">
        {countText(routes.length, 'path')}
        {backends?.health === false && '. NGINX does not report which endpoints it leaves out.'}
      </p>
      <div class="routes" role="table" aria-label="Paths of this host" aria-rowcount={routes.length + 1}>
        <div role="rowgroup">
          <div role="row" class="row titles" aria-rowindex={1}>
            <span role="columnheader">Path</span>
            <span role="columnheader">Ingress</span>
            <span role="columnheader">Leads to</span>
          </div>
        </div>
        <VirtualRows
          count={routes.length}
          rowHeight={ROW_HEIGHT}
          row={(index) => {
            const route = routes[index];
            return route === undefined ? null : (
              <RouteCells route={route} known={known} loaded={backends !== undefined} />
            );
          }}
        />
      </div>
    </section>
  );
}

interface RouteCellsProps {
  readonly route: RouteItem;
  readonly known: ReadonlyMap<string, BackendItem>;
  readonly loaded: boolean;
}

const MATCHES = { exact: 'exactly', prefix: 'prefix', regex: 'regular expression' } as const;

function RouteCells({ route, known, loaded }: RouteCellsProps) {
  const { path, match, pattern, ingress, tlsRedirect } = route;
  return (
    <>
      <span role="cell" class="path">
        <code>{path}</code>
        <span class="muted">
          {MATCHES[match]}
          {pattern !== path && (
            <>
              {' '}
              <code>{pattern}</code>
            </>
          )}
        </span>
        {tlsRedirect === 'always' && <span class="muted">HTTP is redirected to HTTPS</span>}
      </span>
      <span role="cell">{ingress ?? <span class="muted">built in</span>}</span>
      <span role="cell" class="leads">
        {answerOf(route)}
        {destinationsOf(route).map((each) => (
          <DestinationBlock
            key={`${each.role} ${serviceText(each.backend)}`}
            destination={each}
            item={backendOf(known, each.backend)}
            loaded={loaded}
          />
        ))}
      </span>
    </>
  );
}

function answerOf({ answer, status, redirect, closedBy }: RouteItem) {
  switch (answer) {
    case 'backend':
      return null;
    case 'redirect':
      return (
        <span>
          <span class="chip plain">{status}</span> redirect to <code>{redirect}</code>
        </span>
      );
    case 'deny':
      return (
        <span>
          <span class="chip bad">{status}</span> every request is denied{closedBy === null ? '' : `: ${closedBy}`}
        </span>
      );
    case 'not-found':
      return (
        <span>
          <span class="chip plain">{status}</span> the built-in answer
        </span>
      );
  }
}

interface DestinationBlockProps {
  readonly destination: Destination;
  readonly item: BackendItem | undefined;
  readonly loaded: boolean;
}

function DestinationBlock({ destination, item, loaded }: DestinationBlockProps) {
  const { backend, role, share, selectors } = destination;
  const endpoints = item?.endpoints ?? [];
  const shares = endpointShares(endpoints);
  return (
    <div class="destination">
      <div class="service">
        <strong>{serviceText(backend)}</strong>
        {role !== 'main' && <span class="chip small plain">{role}</span>}
        {share !== null && share < 1 && <span>{percentText(share)}</span>}
        {selectors.length > 0 && <span class="muted">or by {selectors.join(', ')}</span>}
        {backend.viaService && <span class="muted">through the address of the Service</span>}
        {role === 'fallback' && <span class="muted">while there are no endpoints</span>}
      </div>
      {loaded && endpoints.length === 0 && <span class="chip small bad">no endpoints</span>}
      <ul class="endpoints">
        {endpoints.map(({ address, port, leftOutSeconds }, index) => (
          <li key={`${address} ${port}`}>
            <span class={`dot ${leftOutSeconds === null ? 'good' : 'bad'}`} aria-hidden="true" />
            <code>{address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`}</code>
            <span class="meter" aria-hidden="true">
              <span style={{ width: `${(shares[index] ?? 0) * 100}%` }} />
            </span>
            <span class="share">{percentText(shares[index] ?? 0)}</span>
            <span class={leftOutSeconds === null ? 'hidden' : 'bad'}>
              {leftOutSeconds === null ? 'in use' : `left out for ${Math.ceil(leftOutSeconds)} s: requests failed`}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
