/** `tidegate status`: first whether all is well, then what is wrong, then the rest. */
import type { Reached, InspectionClient } from '../../inspect/client/client.ts';
import type { OutcomeItem } from '../../inspect/schema/outcomes.ts';
import type { StatusAnswer } from '../../inspect/schema/status.ts';
import type { Arguments } from '../flag-values.ts';
import { tableText } from './layout.ts';
import { problemColumns } from './lists.ts';
import { counted } from '../../types/counted.ts';
import { printable } from '../../types/printable.ts';
import type { Screen } from './screen.ts';
import { show } from './show.ts';
import { type ItemOf, wholeList } from './whole-list.ts';
import { ageText } from './words.ts';

/** Maximum number of Problems on the page. The most severe ones come first. */
const MOST_PROBLEMS = 100;
const TONES = { healthy: 'green', degraded: 'yellow', unhealthy: 'red' } as const;

interface StatusPage {
  readonly status: StatusAnswer;
  readonly problems: readonly ItemOf<'problems'>[];
}

async function askForPage(client: InspectionClient): Promise<Reached<StatusPage>> {
  const status = await client.get('status');
  if (!status.ok) return status;
  const problems = await wholeList(client, 'problems', {}, MOST_PROBLEMS);
  if (!problems.ok) return problems;
  return { ok: true, value: { status: status.value, problems: problems.value.items } };
}

/** One line for an Outcome: when, what, why and how long it took. */
export function outcomeText({
  kind,
  reasons,
  moreReasons,
  message,
  sinceMs,
  ms,
  testMs,
  owners = [],
}: OutcomeItem): string {
  const why = [...reasons, ...(moreReasons > 0 ? [`and ${moreReasons} more`] : [])].join('; ');
  const named = owners.map(({ namespace, name }) => `${namespace}/${name}`).join(', ');
  const times = [
    testMs === undefined ? '' : `test ${testMs} ms`,
    ms === undefined ? '' : `${ms} ms`,
    sinceMs === undefined ? '' : `${sinceMs} ms after the change`,
  ].filter((time) => time !== '');
  const parts = [kind, why, message ?? '', named === '' ? '' : `[${named}]`].filter((part) => part !== '');
  return printable(`${parts.join(': ')}${times.length === 0 ? '' : ` (${times.join(', ')})`}`);
}

function lastText(outcome: OutcomeItem | null, now: number): string {
  return outcome === null ? 'none yet' : `${ageText(outcome.at, now)} ago: ${outcomeText(outcome)}`;
}

function nginxText({ versions, nginx }: StatusAnswer): string {
  if (nginx === null) return `${versions.nginx}, does not answer`;
  const { master, generation, serving, draining, drainingGenerations } = nginx;
  const old =
    draining === 0 ? 'none draining' : `${draining} draining of ${counted(drainingGenerations, 'generation')}`;
  return `${versions.nginx}, pid ${master}, generation ${generation}, ${counted(serving, 'worker')}, ${old}`;
}

function confText({ conf: { wanted, inForce, busySeconds } }: StatusAnswer): string {
  const busy = busySeconds === 0 ? '' : `, a change has been in progress for ${busySeconds} s`;
  if (wanted !== null && wanted === inForce) return `${wanted}, in force${busy}`;
  return `${wanted ?? 'not built yet'}; NGINX runs with ${inForce ?? 'an unknown nginx.conf'}${busy}`;
}

function liveText({ nginx }: StatusAnswer): string {
  if (nginx === null) return 'unknown';
  const { revision, liveDataBytes: all, liveDataFreeBytes: free } = nginx;
  const used = Math.round((1000 * (all - free)) / Math.max(1, all)) / 10;
  return `revision ${revision}, ${used} % of ${Math.round(all / 1_048_576)} MiB used`;
}

function controllerText(
  { versions, command, started, controllerClass, ingressClass, namespace, pod, leader }: StatusAnswer,
  now: number,
): string {
  return [
    `tidegate ${versions.tidegate} ${command} for ${ageText(started, now)}`,
    `Node ${versions.node}`,
    `class ${ingressClass} (${controllerClass})`,
    ...(pod === null ? [] : [`Pod ${namespace}/${pod}`]),
    ...(leader === null ? [] : [leader ? 'leader' : 'not the leader']),
  ].join(', ');
}

function objectsText({ counts, dataAgeSeconds }: StatusAnswer): string {
  const { hosts, routes, ingresses, backends, certificates } = counts;
  const age = dataAgeSeconds === null ? '' : `; confirmed ${dataAgeSeconds} s ago`;
  return `${counted(hosts, 'host')}, ${counted(routes, 'route')}, ${counted(ingresses, 'Ingress', 'Ingresses')}, ${counted(backends, 'backend')}, ${counted(certificates, 'certificate')}${age}`;
}

/** The page as text for people. Times are relative to the time of the answer. */
export function statusText({ status, problems }: StatusPage, screen: Screen): string {
  const now = Date.parse(status.at);
  const { state, reasons, counts, quarantined, lastOutcomes } = status;
  const { errors, warnings, notices } = counts;
  const why = reasons.length === 0 ? '' : `: ${reasons.map(printable).join('; ')}`;
  const all = errors + warnings + notices;
  const facts = [
    ['controller', controllerText(status, now)],
    ['NGINX', nginxText(status)],
    ['nginx.conf', confText(status)],
    ['live data', liveText(status)],
    ['objects', objectsText(status)],
    ['last change', lastText(lastOutcomes.structure, now)],
    ['last live change', lastText(lastOutcomes.live, now)],
    ...quarantined.items.map(({ ingress, message }) => ['left out', `${ingress}: ${printable(message)}`]),
  ];
  const width = Math.max(...facts.map(([name = '']) => name.length));
  return [
    `${screen.tone(TONES[state], state)}${why}`,
    '',
    all === 0
      ? 'no Problems'
      : `${counted(errors, 'error')}, ${counted(warnings, 'warning')}, ${counted(notices, 'notice')}`,
    tableText(problems, problemColumns(now), screen),
    ...(all > problems.length ? [`and ${all - problems.length} more: tidegate problems`] : []),
    '',
    ...facts.map(([name = '', text = '']) => `${screen.tone('dim', name.padEnd(width))}  ${text}`),
  ].join('\n');
}

export function statusCommand(given: Arguments<'status'>): Promise<number> {
  return show(given, {
    ask: askForPage,
    text: statusText,
    code: ({ status: { state } }) => (state === 'unhealthy' ? 1 : 0),
  });
}
