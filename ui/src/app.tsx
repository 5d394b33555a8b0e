/** The frame of the page: its head, the navigation, and the view that the URL names. */
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Feed, useAnswer, useFeed } from './api/use-answer.ts';
import { Failure } from './parts/failure.tsx';
import { Icon } from './parts/icon.tsx';
import { ThemeButton } from './parts/theme-button.tsx';
import { usePlace } from './parts/use-place.ts';
import { placeHash, type ViewName } from './text/location.ts';
import { CertificatesView } from './views/certificates.tsx';
import { ChangesView } from './views/changes.tsx';
import { ExplainView } from './views/explain.tsx';
import { HostView } from './views/host.tsx';
import { HostsView } from './views/hosts.tsx';
import { OverviewView } from './views/overview.tsx';
import { ProblemsView } from './views/problems.tsx';

export { Feed };

type Parameters = Readonly<Record<string, string>>;

const VIEW: Readonly<Record<ViewName, ComponentType<{ parameters: Parameters }>>> = {
  overview: OverviewView,
  hosts: HostsView,
  host: HostView,
  certificates: CertificatesView,
  problems: ProblemsView,
  changes: ChangesView,
  explain: ExplainView,
};

const TABS = [
  ['overview', 'Overview'],
  ['hosts', 'Hosts'],
  ['certificates', 'Certificates'],
  ['problems', 'Problems'],
  ['changes', 'Changes'],
  ['explain', 'Explain'],
] as const satisfies readonly (readonly [ViewName, string])[];

const CONNECTIONS = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost; trying again',
  paused: 'Paused',
} as const;

/** How often the state is asked for: NGINX may fail without a change. */
const EVERY_MS = 5000;

function title(view: ViewName, parameters: Parameters): string {
  if (view === 'host') return parameters['name'] === '' ? 'Catch-all host' : (parameters['name'] ?? '');
  return TABS.find(([name]) => name === view)?.[1] ?? '';
}

export function App() {
  const { view, parameters } = usePlace();
  const connection = useFeed().connection();
  const { answer: status, failure } = useAnswer('status', {}, EVERY_MS);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(view);
  useEffect(() => {
    document.title = `${title(view, parameters)} · Tidegate`;
    // A screen reader continues in the new view, as after loading a page.
    if (shown.current !== view) main.current?.focus({ preventScroll: true });
    shown.current = view;
  }, [view, parameters]);
  useSearchKey();
  const View = VIEW[view];
  const open = status === undefined ? 0 : status.counts.errors + status.counts.warnings;
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to content
      </a>
      <header class="head">
        <a class="brand" href={placeHash('overview')}>
          <Icon name="gate" /> Tidegate
        </a>
        {status !== undefined && <span class={`chip ${status.state}`}>{status.state}</span>}
        <span class={`link ${connection}`} role="status">
          <span class="dot" aria-hidden="true" />
          <span class="link-text">{CONNECTIONS[connection]}</span>
        </span>
        <ThemeButton />
      </header>
      <nav class="tabs" aria-label="Views">
        {TABS.map(([name, text]) => (
          <a
            key={name}
            href={placeHash(name)}
            aria-current={name === view || (view === 'host' && name === 'hosts') ? 'page' : undefined}
          >
            {text}
            {name === 'problems' && open > 0 && (
              <span class={`count ${(status?.counts.errors ?? 0) > 0 ? 'bad' : 'warn'}`}>
                {open.toLocaleString('en')}
              </span>
            )}
          </a>
        ))}
      </nav>
      <main id="main" ref={main} tabIndex={-1}>
        <h1>{title(view, parameters)}</h1>
        <Failure failure={failure} />
        <View key={view} parameters={parameters} />
      </main>
    </>
  );
}

/** `/` moves the focus to the search of the view. */
function useSearchKey(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      const search = document.querySelector<HTMLInputElement>('input[type=search]');
      if (search === null) return;
      event.preventDefault();
      search.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
