/** All hosts, of which any number can be scrolled through and searched. */
import { useList } from '../list/use-list.ts';
import { VirtualRows } from '../list/virtual-rows.tsx';
import { Failure } from '../parts/failure.tsx';
import { SearchBox } from '../parts/search-box.tsx';
import { replacePlace } from '../parts/use-place.ts';
import { countText, numberText, percentText } from '../text/format.ts';
import { hostState, type HostItem } from '../text/host-state.ts';
import { placeHash } from '../text/location.ts';

const ROW_HEIGHT = 53;

export function HostsView({ parameters }: { readonly parameters: Readonly<Record<string, string>> }) {
  const search = parameters['search'] ?? '';
  const list = useList('hosts', search === '' ? {} : { search });
  return (
    <>
      <div class="toolbar">
        <SearchBox
          label="Search hosts and Ingresses"
          value={search}
          onSearch={(text) => replacePlace('hosts', { search: text })}
        />
        <span class="muted" role="status">
          {list.ready ? countText(list.total, 'host') : ' '}
        </span>
      </div>
      <Failure failure={list.failure} />
      {list.ready && list.total === 0 && <p class="muted">No host and no Ingress has this in its name.</p>}
      <div class="grid hosts" role="table" aria-label="Hosts" aria-rowcount={list.total + 1}>
        <div role="rowgroup">
          <div role="row" class="row titles" aria-rowindex={1}>
            <span role="columnheader">Host</span>
            <span role="columnheader">Ingresses</span>
            <span role="columnheader" class="number">
              Paths
            </span>
            <span role="columnheader" class="number">
              Endpoints
            </span>
            <span role="columnheader" class="number">
              Requests
            </span>
            <span role="columnheader" class="number">
              5xx
            </span>
          </div>
        </div>
        <VirtualRows
          count={list.total}
          rowHeight={ROW_HEIGHT}
          onShow={list.show}
          row={(index) => <HostRow item={list.at(index)} />}
        />
      </div>
    </>
  );
}

function HostRow({ item }: { readonly item: HostItem | undefined }) {
  if (item === undefined)
    return (
      <span role="cell" class="muted">
        …
      </span>
    );
  const { host, ingresses, moreIngresses, paths, endpoints, traffic } = item;
  const { tone, text } = hostState(item);
  return (
    <>
      <span role="cell" class="name">
        <a href={placeHash('host', { name: host })}>{host === '' ? 'catch-all host' : host}</a>
        {tone !== 'good' && <span class={`chip small ${tone}`}>{text}</span>}
      </span>
      <span role="cell" class="muted clip">
        {ingresses.join(', ')}
        {moreIngresses > 0 && ` and ${moreIngresses} more`}
      </span>
      <span role="cell" class="number" data-title={paths === 1 ? 'path' : 'paths'}>
        {paths}
      </span>
      <span role="cell" class="number" data-title={endpoints === 1 ? 'endpoint' : 'endpoints'}>
        {endpoints}
      </span>
      <span role="cell" class={`number ${traffic === null ? 'none' : ''}`} data-title="requests">
        {traffic === null ? '–' : `${numberText(traffic.perSecond)}/s`}
      </span>
      <span
        role="cell"
        class={`number ${traffic === null ? 'none' : traffic.errorShare > 0 ? 'bad' : ''}`}
        data-title="5xx"
      >
        {traffic === null ? '–' : percentText(traffic.errorShare)}
      </span>
    </>
  );
}
