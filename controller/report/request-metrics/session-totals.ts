/**
 * Counters of TCP connections, UDP sessions and TLS connections that are passed through. Their time series count
 * towards the same limits as those of requests; beyond a limit, a session is counted without its entry.
 */
import { type EntrySessions, SESSION_BOUNDS, SESSION_WIDTH, type SessionLabels } from '../../types/session-metrics.ts';
import { type MetricFamily, type Sample, simpleFamily } from '../exposition/family.ts';
import { labelText } from '../exposition/label-text.ts';
import type { SeriesOwner, SeriesShares } from './shares.ts';

/** The sums of the numbers of an entry; place by place as in `SESSION_NUMBERS`, and then the buckets. */
interface EntryTotals {
  /** Undefined for sessions without their entry. */
  readonly entry: SessionLabels | undefined;
  readonly labels: string;
  readonly owner: SeriesOwner;
  readonly sums: Float64Array;
  /** The number of sessions by status. */
  readonly statuses: Map<string, number>;
}

export interface SessionTotals {
  /** `numbers`: of sessions that have ended since the last call. `labels`: undefined for an unknown entry. */
  readonly add: (entry: string, labels: SessionLabels, status: string, numbers: readonly number[]) => void;
  /** Makes an entry visible before it has sessions. */
  readonly open: (entry: string, labels: SessionLabels) => void;
  readonly remove: (entry: string) => void;
  /** Counts sessions that NGINX's workers have not counted by entry, because there were too many. */
  readonly drop: (sessions: number) => void;
  readonly families: () => readonly MetricFamily[];
  /** The sums of all entries. */
  readonly entries: () => readonly EntrySessions[];
}

const [SESSIONS, RECEIVED, SENT, RETRIES, MILLISECONDS] = [0, 1, 2, 3, 4] as const;
/** Time series of an entry without those by status: two of bytes, one of retries, and a histogram. */
const SERIES_OF_ENTRY = 3 + SESSION_BOUNDS.length + 3;
/** The status of a session that ended without an error. */
const OK = '200';
const REST = '';
const NO_LABELS: Record<keyof SessionLabels, string> = {
  protocol: '',
  port: '',
  namespace: '',
  service: '',
  service_port: '',
  ingress: '',
  host: '',
};

export function createSessionTotals(shares: SeriesShares, ownLabels: string): SessionTotals {
  const all = new Map<string, EntryTotals>();
  let dropped = 0;

  function create(entry: string, labels: SessionLabels | undefined, owner: SeriesOwner): EntryTotals {
    const made = {
      entry: labels,
      labels: `${ownLabels},${labelText(Object.entries(labels ?? NO_LABELS))}`,
      owner,
      sums: new Float64Array(SESSION_WIDTH),
      statuses: new Map(),
    };
    all.set(entry, made);
    shares.use(owner, SERIES_OF_ENTRY);
    return made;
  }

  /** The totals without an entry are created even if a limit is reached. */
  function rest(): EntryTotals {
    return all.get(REST) ?? create(REST, undefined, { namespace: '', ingress: REST });
  }

  function totalsOf(entry: string, labels: SessionLabels): EntryTotals {
    const known = all.get(entry);
    if (known !== undefined) return known;
    const { namespace, ingress } = labels;
    const owner = { namespace, ingress: ingress === '' ? ` ${entry}` : `${namespace}/${ingress}` };
    return shares.fits(owner, SERIES_OF_ENTRY + 1, 1) ? create(entry, labels, owner) : rest();
  }

  function addStatus({ statuses, owner }: EntryTotals, status: string, sessions: number): void {
    const before = statuses.get(status);
    if (before === undefined) shares.use(owner, 1);
    statuses.set(status, (before ?? 0) + sessions);
  }

  function* statusSamples(): Generator<Sample, void> {
    for (const { labels, statuses } of all.values())
      for (const [status, value] of statuses) yield { labels: `${labels},status="${status}"`, value };
  }

  function* sumSamples(place: number): Generator<Sample, void> {
    for (const { labels, sums } of all.values()) yield { labels, value: sums[place] ?? 0 };
  }

  function* durationSamples(): Generator<Sample, void> {
    for (const { labels, sums } of all.values()) {
      const sum = (sums[MILLISECONDS] ?? 0) / 1000;
      yield { labels, value: { sum, counts: sums.subarray(MILLISECONDS + 1), native: undefined } };
    }
  }

  const sums = (name: string, about: string, place: number): MetricFamily =>
    simpleFamily(name, about, 'counter', () => sumSamples(place));

  return {
    add: (entry, labels, status, numbers) => {
      const totals = totalsOf(entry, labels);
      for (const [place, number] of numbers.entries()) totals.sums[place] = (totals.sums[place] ?? 0) + number;
      addStatus(totals, status, numbers[SESSIONS] ?? 0);
    },
    open: (entry, labels) => {
      addStatus(totalsOf(entry, labels), OK, 0);
    },
    remove: (entry) => {
      const gone = all.get(entry);
      if (gone === undefined) return;
      all.delete(entry);
      shares.use(gone.owner, -SERIES_OF_ENTRY - gone.statuses.size);
    },
    drop: (sessions) => {
      dropped += sessions;
    },
    entries: () =>
      [...all.values()].flatMap(({ entry, statuses, sums: numbers }) =>
        entry === undefined
          ? []
          : [
              {
                labels: entry,
                statuses,
                receivedBytes: numbers[RECEIVED] ?? 0,
                sentBytes: numbers[SENT] ?? 0,
                retries: numbers[RETRIES] ?? 0,
                seconds: (numbers[MILLISECONDS] ?? 0) / 1000,
              },
            ],
      ),
    families: () => [
      simpleFamily(
        'tidegate_stream_sessions_total',
        'TCP connections and UDP sessions that have ended, by status',
        'counter',
        statusSamples,
      ),
      sums('tidegate_stream_received_bytes_total', 'Bytes received from clients of TCP and UDP', RECEIVED),
      sums('tidegate_stream_sent_bytes_total', 'Bytes sent to clients of TCP and UDP', SENT),
      sums(
        'tidegate_stream_upstream_retries_total',
        'Attempts of TCP connections and UDP sessions to reach another endpoint after one has failed',
        RETRIES,
      ),
      {
        name: 'tidegate_stream_session_duration_seconds',
        about: 'Time from the beginning to the end of TCP connections and UDP sessions',
        type: 'histogram',
        bounds: SESSION_BOUNDS,
        samples: durationSamples,
      },
      simpleFamily(
        'tidegate_stream_sessions_dropped_total',
        'TCP connections and UDP sessions that other metrics do not contain, because too many ended at once',
        'counter',
        () => [{ labels: ownLabels, value: dropped }],
      ),
    ],
  };
}
