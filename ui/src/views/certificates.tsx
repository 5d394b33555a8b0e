/** The certificates that NGINX serves, those that expire first at the top. */
import { useList } from '../list/use-list.ts';
import { VirtualRows } from '../list/virtual-rows.tsx';
import { Failure } from '../parts/failure.tsx';
import { SearchBox } from '../parts/search-box.tsx';
import { replacePlace } from '../parts/use-place.ts';
import { countText, expiryText } from '../text/format.ts';
import { placeHash } from '../text/location.ts';
import type { AnswerOf } from '../../../controller/inspect/schema/endpoints.ts';

type CertificateItem = AnswerOf<'certificates'>['items'][number];

const ROW_HEIGHT = 64;
const SOON_DAYS = 21;
const MOST_HOSTS = 3;

export function CertificatesView({ parameters }: { readonly parameters: Readonly<Record<string, string>> }) {
  const search = parameters['search'] ?? '';
  const list = useList('certificates', search === '' ? {} : { search });
  return (
    <>
      <div class="toolbar">
        <SearchBox
          label="Search names and Secrets"
          value={search}
          onSearch={(text) => replacePlace('certificates', { search: text })}
        />
        <span class="muted" role="status">
          {list.ready ? countText(list.total, 'certificate') : ' '}
        </span>
      </div>
      <Failure failure={list.failure} />
      {list.ready && list.total === 0 && <p class="muted">No certificate has this in its names.</p>}
      <div class="grid certificates" role="table" aria-label="Certificates" aria-rowcount={list.total + 1}>
        <div role="rowgroup">
          <div role="row" class="row titles" aria-rowindex={1}>
            <span role="columnheader">Expires</span>
            <span role="columnheader">Secret</span>
            <span role="columnheader">Names</span>
            <span role="columnheader">Served for</span>
          </div>
        </div>
        <VirtualRows
          count={list.total}
          rowHeight={ROW_HEIGHT}
          onShow={list.show}
          row={(index) => <CertificateRow item={list.at(index)} />}
        />
      </div>
    </>
  );
}

function toneOf(daysLeft: number): string {
  return daysLeft < 0 ? 'bad' : daysLeft < SOON_DAYS ? 'warn' : 'good';
}

function CertificateRow({ item }: { readonly item: CertificateItem | undefined }) {
  if (item === undefined)
    return (
      <span role="cell" class="muted">
        …
      </span>
    );
  return (
    <>
      <span role="cell">
        <span class={`chip small ${toneOf(item.daysLeft)}`}>{expiryText(item.daysLeft)}</span>
        <span class="muted">{item.notAfter.slice(0, 10)}</span>
      </span>
      <span role="cell">
        {item.secret ?? 'default certificate'}
        {item.kept !== null && <span class="warn">last good certificate: {item.kept}</span>}
      </span>
      <span role="cell" class="clip">
        {item.names.join(', ')}
        <span class="muted">issued by {item.issuer}</span>
      </span>
      <span role="cell">
        <ServedHosts item={item} />
      </span>
    </>
  );
}

function ServedHosts({ item: { hosts, moreHosts, fallback } }: { readonly item: CertificateItem }) {
  const named = hosts.filter((host) => host !== '_');
  const more = named.length - MOST_HOSTS + moreHosts;
  return (
    <>
      {named.slice(0, MOST_HOSTS).map((host, index) => (
        <span key={host}>
          {index > 0 && ', '}
          <a href={placeHash('host', { name: host })}>{host}</a>
        </span>
      ))}
      {more > 0 && ` and ${more.toLocaleString('en')} more`}
      {fallback && <span class="muted">{named.length > 0 ? ' and ' : ''}names without a certificate</span>}
      {named.length === 0 && !fallback && <span class="muted">no host</span>}
    </>
  );
}

/** A certificate as terms and descriptions, for a `dl`. */
export function CertificateCells({ item }: { readonly item: CertificateItem }) {
  const { daysLeft, notBefore, notAfter, secret, names, issuer, fingerprint, kept } = item;
  return (
    <>
      <div>
        <dt>Expires</dt>
        <dd>
          <span class={`chip small ${toneOf(daysLeft)}`}>{expiryText(daysLeft)}</span> {notAfter.slice(0, 10)}, valid
          since {notBefore.slice(0, 10)}
        </dd>
      </div>
      <div>
        <dt>Secret</dt>
        <dd>{secret ?? 'default certificate'}</dd>
      </div>
      {kept !== null && (
        <div>
          <dt>Kept</dt>
          <dd class="warn">The last good certificate is served: {kept}</dd>
        </div>
      )}
      <div>
        <dt>Names</dt>
        <dd>{names.join(', ')}</dd>
      </div>
      <div>
        <dt>Issuer</dt>
        <dd>{issuer}</dd>
      </div>
      <div>
        <dt>SHA-256</dt>
        <dd>
          <code class="wrap">{fingerprint}</code>
        </dd>
      </div>
    </>
  );
}
