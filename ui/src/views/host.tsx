/** One host: its paths with their backends and endpoints, its certificate, its Problems, and its server block. */
import { useAnswer } from '../api/use-answer.ts';
import { Failure } from '../parts/failure.tsx';
import { placeHash } from '../text/location.ts';
import { ConfPanel } from './conf-panel.tsx';
import { CertificateCells } from './certificates.tsx';
import { ProblemCard } from './problem-card.tsx';
import { RoutesPanel } from './routes-panel.tsx';

/** Which endpoints NGINX leaves out changes without a change to the configuration. */
const EVERY_MS = 3000;
const MOST_ROUTES = 2000;

export function HostView({ parameters }: { readonly parameters: Readonly<Record<string, string>> }) {
  const name = parameters['name'] ?? '';
  const tab = parameters['tab'] === 'conf' ? 'conf' : 'routes';
  const { answer: certificates } = useAnswer('certificates', { host: name, limit: 1 });
  const { answer: problems } = useAnswer('problems', { host: name, limit: 50 });
  const example = `https://${name === '' ? '127.0.0.1' : name.replace(/^\*/, 'www')}/`;
  return (
    <>
      <p class="crumbs">
        <a href={placeHash('hosts')}>Hosts</a> <span aria-hidden="true">/</span> {name === '' ? 'catch-all' : name}
      </p>
      <nav class="subtabs" aria-label="Parts of the host">
        <a href={placeHash('host', { name })} aria-current={tab === 'routes' ? 'page' : undefined}>
          Paths and endpoints
        </a>
        <a href={placeHash('host', { name, tab: 'conf' })} aria-current={tab === 'conf' ? 'page' : undefined}>
          nginx.conf
        </a>
        <a href={placeHash('explain', { url: example })}>Explain a request</a>
      </nav>
      {tab === 'conf' ? (
        <ConfPanel host={name} />
      ) : (
        <>
          {(problems?.items.length ?? 0) > 0 && (
            <section class="panel" aria-label="Problems of this host">
              <h2>Problems</h2>
              {problems?.items.map((item) => (
                <ProblemCard key={item.text} item={item} />
              ))}
            </section>
          )}
          <Paths host={name} />
          <section class="panel">
            <h2>Certificate</h2>
            {certificates?.items.map((item) => (
              <dl class="facts" key={item.fingerprint}>
                <CertificateCells item={item} />
              </dl>
            ))}
            {certificates?.items.length === 0 && <p class="muted">This host has no certificate.</p>}
          </section>
        </>
      )}
    </>
  );
}

function Paths({ host }: { readonly host: string }) {
  const { answer: routes, failure } = useAnswer('routes', { host, limit: MOST_ROUTES });
  const { answer: backends } = useAnswer('backends', { host, limit: MOST_ROUTES }, EVERY_MS);
  if (routes === undefined) return <Failure failure={failure} />;
  // The API answers with the host that serves a name, which may be the catch-all host.
  const served = routes.items[0]?.host;
  return (
    <>
      <Failure failure={failure} />
      {served !== undefined && served !== host.toLowerCase() && (
        <p class="notice">
          No Ingress has this host. {served === '' ? 'The catch-all host' : served} serves requests for it.
        </p>
      )}
      {routes.next !== null && (
        <p class="notice">
          The first {routes.items.length} of {routes.total} paths are shown. `tidegate routes` lists all of them.
        </p>
      )}
      <RoutesPanel routes={routes.items} backends={backends} />
    </>
  );
}
