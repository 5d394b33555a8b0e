/** `tidegate routes`, `backends`, `certs` and `problems`: lists of the inspection API as tables. */
import { addressText } from '../../types/addresses.ts';
import type { Arguments } from '../flag-values.ts';
import { type Column, tableText } from './layout.ts';
import type { Tone } from './screen.ts';
import { show } from './show.ts';
import { type ItemOf, wholeList } from './whole-list.ts';
import { ageText, backendText, explanation, fieldText, objectText } from './words.ts';

const MOST_ADDRESSES = 6;
/** A certificate that expires within this number of days is shown in yellow. */
const SOON_DAYS = 14;

function targetText({ answer, backend, status, redirect, closedBy }: ItemOf<'routes'>): string {
  switch (answer) {
    case 'backend':
      return backend === null ? '' : backendText(backend);
    case 'redirect':
      return `${status} ${redirect}`;
    case 'deny':
      return closedBy === null ? `answers ${status}` : `answers ${status}: ${closedBy}`;
    case 'not-found':
      return 'answers 404';
  }
}

function canaryText({ backend, weight, total, header, cookie }: ItemOf<'routes'>['canaries'][number]): string {
  const rules = [
    header === null ? '' : `header ${header}`,
    cookie === null ? '' : `cookie ${cookie}`,
    weight === 0 ? '' : `${weight} of ${total}`,
  ].filter((rule) => rule !== '');
  return `${backendText(backend)} (${rules.join(', ')})`;
}

const ROUTE_COLUMNS: readonly Column<ItemOf<'routes'>>[] = [
  { title: 'HOST', text: ({ host }) => (host === '' ? '*' : host) },
  { title: 'PATH', text: ({ pattern }) => pattern },
  { title: 'MATCH', text: ({ match }) => match },
  { title: 'INGRESS', text: ({ ingress }) => ingress ?? '-' },
  { title: 'LEADS TO', text: targetText, tone: ({ answer }) => (answer === 'deny' ? 'red' : undefined) },
  { title: 'CANARIES', text: ({ canaries }) => canaries.map(canaryText).join('; ') },
];

function addressesText({ endpoints }: ItemOf<'backends'>): string {
  const shown = endpoints.slice(0, MOST_ADDRESSES).map(({ address, port }) => addressText(address, port));
  const more = endpoints.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`;
}

const BACKEND_COLUMNS: readonly Column<ItemOf<'backends'>>[] = [
  { title: 'BACKEND', text: ({ backend }) => backendText(backend) },
  {
    title: 'ENDPOINTS',
    text: ({ endpoints }) => `${endpoints.length}`,
    tone: ({ endpoints }) => (endpoints.length === 0 ? 'red' : undefined),
  },
  {
    title: 'LEFT OUT',
    text: ({ endpoints }) => `${endpoints.filter(({ leftOutSeconds }) => leftOutSeconds !== null).length}`,
    tone: ({ endpoints }) => (endpoints.some(({ leftOutSeconds }) => leftOutSeconds !== null) ? 'yellow' : undefined),
  },
  { title: 'ADDRESSES', text: addressesText },
];

function expiryTone({ daysLeft }: ItemOf<'certificates'>): Tone | undefined {
  if (daysLeft < 0) return 'red';
  return daysLeft < SOON_DAYS ? 'yellow' : undefined;
}

const CERTIFICATE_COLUMNS: readonly Column<ItemOf<'certificates'>>[] = [
  {
    title: 'DAYS LEFT',
    text: ({ daysLeft }) => (daysLeft < 0 ? `expired ${-daysLeft} d ago` : `${daysLeft}`),
    tone: expiryTone,
  },
  { title: 'UNTIL', text: ({ notAfter }) => notAfter.slice(0, 10) },
  { title: 'SECRET', text: ({ secret }) => secret ?? '(self-signed)' },
  { title: 'NAMES', text: ({ names }) => names.join(', ') },
  { title: 'ISSUER', text: ({ issuer }) => issuer },
  {
    title: 'HOSTS',
    text: ({ hosts, moreHosts }) =>
      [
        ...hosts.map((host) => (host === '_' ? '(all other names)' : host)),
        ...(moreHosts > 0 ? [`and ${moreHosts} more`] : []),
      ].join(', '),
  },
  { title: 'SHA-256', text: ({ fingerprint }) => fingerprint.slice(0, 23) },
  { title: 'NOTE', text: ({ kept }) => kept ?? '', tone: () => 'red' },
];

const SEVERITY_TONES = { error: 'red', warning: 'yellow', notice: 'dim' } as const;

/** The columns of Problems. `now`: milliseconds since 1970. */
export function problemColumns(now: number): readonly Column<ItemOf<'problems'>>[] {
  return [
    { title: 'SEVERITY', text: ({ severity }) => severity, tone: ({ severity }) => SEVERITY_TONES[severity] },
    { title: 'SINCE', text: ({ since }) => ageText(since, now) },
    { title: 'OBJECT', text: objectText },
    { title: 'FIELD', text: fieldText },
    { title: 'MESSAGE', text: explanation, sentences: true },
  ];
}

function solvedColumn(now: number): Column<ItemOf<'problems'>> {
  return { title: 'SOLVED', text: ({ solved }) => (solved === null ? '' : ageText(solved, now)) };
}

export function routesCommand(given: Arguments<'routes'>): Promise<number> {
  const { host, namespace } = given;
  return show(given, {
    ask: (client) => wholeList(client, 'routes', { host, namespace }),
    text: ({ items }, screen) => tableText(items, ROUTE_COLUMNS, screen) || 'no routes',
  });
}

export function backendsCommand(given: Arguments<'backends'>): Promise<number> {
  const { host, namespace } = given;
  return show(given, {
    ask: (client) => wholeList(client, 'backends', { host, namespace }),
    text: ({ items }, screen) => tableText(items, BACKEND_COLUMNS, screen) || 'no backends',
  });
}

export function certsCommand(given: Arguments<'certs'>): Promise<number> {
  const { host, namespace } = given;
  return show(given, {
    ask: (client) => wholeList(client, 'certificates', { host, namespace }),
    text: ({ items }, screen) => tableText(items, CERTIFICATE_COLUMNS, screen) || 'no certificates',
  });
}

export function problemsCommand(given: Arguments<'problems'>): Promise<number> {
  const { host, namespace, solved } = given;
  return show(given, {
    ask: (client) => wholeList(client, 'problems', { host, namespace, state: solved ? 'solved' : 'open' }),
    text: ({ items }, screen) => {
      const now = Date.now();
      const columns = solved ? [solvedColumn(now), ...problemColumns(now)] : problemColumns(now);
      return tableText(items, columns, screen) || 'no Problems';
    },
  });
}
