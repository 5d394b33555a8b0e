/** Writes an explanation as text for a terminal: the result first, then how it came about. */
import { styleText } from 'node:util';
import type { Explanation, HeaderNote, RequestOutcome, Step, StepResult } from '../explain/explanation.ts';
import { printable } from '../types/printable.ts';
import { formatObject } from '../types/problem.ts';
import type { SettingOrigin } from '../types/setting-origin.ts';

type Paint = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/** Colours a string, or returns it unchanged. */
type Painter = (paint: Paint, text: string) => string;

/** Uses colours if standard output is a terminal and NO_COLOR is not set. */
function terminalPainter(paint: Paint, text: string): string {
  return styleText(paint, text, { stream: process.stdout });
}

const SIGNS: Readonly<Record<StepResult, readonly [sign: string, paint: Paint]>> = {
  passed: ['✓', 'green'],
  answered: ['■', 'red'],
  depends: ['?', 'yellow'],
};

/** At most this many endpoints are listed. */
const MOST_ENDPOINTS = 8;

function endpointList(endpoints: readonly string[]): string {
  const more = endpoints.length - MOST_ENDPOINTS;
  const shown = endpoints.slice(0, MOST_ENDPOINTS).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** A result in words: `308 to https://shop.example.com/`, `shop/web:80 gets /cart over http (10.0.0.7:8080)`. */
function outcomeText({ status, by, reason, location, backend }: RequestOutcome): string {
  if (backend !== undefined) {
    const { service, role, path, protocol, endpoints } = backend;
    const as = role === 'main' ? '' : `, as ${role === 'error-page' ? 'error page' : role}`;
    return `${service} gets ${path} over ${protocol}${as} (${endpointList(endpoints)})`;
  }
  const logged = reason === undefined ? '' : ` [${reason}]`;
  if (location !== undefined) return `${status}, a redirect to ${location}${logged}`;
  if (by === 'closed') return 'NGINX closes the connection without a response';
  if (by === 'unknown') return 'the result is not known here';
  return `${status ?? 'its own status'} from ${by === 'nginx' ? 'NGINX' : `the ${by}`}${logged}`;
}

function withCondition(outcome: RequestOutcome, isOnly: boolean): string {
  const text = outcomeText(outcome);
  if (outcome.when !== undefined) return `if ${outcome.when}: ${text}`;
  if (outcome.share !== undefined) return `${Math.round(outcome.share * 1000) / 10} %: ${text}`;
  return isOnly ? text : `otherwise: ${text}`;
}

function tree(lines: readonly string[], paint: Painter): string[] {
  return lines.map((line, index) => `${paint('dim', index === lines.length - 1 ? '└─' : '├─')} ${line}`);
}

function section(title: string, lines: readonly string[], paint: Painter): string[] {
  return lines.length === 0 ? [] : ['', paint('bold', title), ...tree(lines, paint)];
}

function stepLine({ name, result, text }: Step, width: number, paint: Painter): string {
  const [sign, color] = SIGNS[result];
  return `${paint(color, sign)} ${name.padEnd(width)}  ${text}`;
}

function headerLine({ name, value }: HeaderNote): string {
  return value === undefined ? `${name} is removed` : `${name}: ${value}`;
}

function settingLine({ name, value, from, object, scope, ignored }: SettingOrigin): string {
  const source =
    from === 'annotation' ? `annotation of ${object}` : from === 'configmap' ? `ConfigMap ${object}` : 'default';
  const whole = scope === 'host' ? ', applies to the whole host' : '';
  return `${name} = ${value} (${source}${whole})${ignored === undefined ? '' : `, ignored: ${ignored}`}`;
}

function settingLines(settings: readonly SettingOrigin[]): readonly string[] {
  const written = settings.filter(({ from }) => from !== 'default').map(settingLine);
  const left = settings.length - written.length;
  return left === 0
    ? written
    : [...written, left === 1 ? '1 default, which -o json lists' : `${left} defaults, which -o json lists`];
}

/** The results to show first: the last one in `outcomes`, which has no condition, or all results with a share. */
function headline(outcomes: readonly RequestOutcome[]): readonly string[] {
  return outcomes.filter(({ when }) => when === undefined).map((each) => withCondition(each, true));
}

/** Makes all strings of an explanation printable, because they contain text that tenants and clients have written. */
function safe(explanation: Explanation): Explanation {
  const text = JSON.stringify(explanation);
  return JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? printable(value) : value)) as Explanation;
}

/** The explanation as lines. */
export function explanationLines(explanation: Explanation, paint: Painter = terminalPainter): readonly string[] {
  const { request, certificate, server, lost, steps, outcomes, ...rest } = safe(explanation);
  const { method, scheme, host, path, query, client } = request;
  const width = Math.max(0, ...steps.map(({ name }) => name.length));
  const from = client === null ? '' : ` from ${client}`;
  const likely = headline(outcomes);
  const others = outcomes.filter(({ when }) => when !== undefined);
  const about = [
    ...(server === null
      ? []
      : [`host: ${server.names.join(', ')}; Ingresses: ${server.ingresses.join(', ') || 'none'}`]),
    ...(scheme === 'https' ? [`certificate: ${certificate ?? 'the default certificate'}`] : []),
    ...(rest.location === null
      ? []
      : [
          `path: ${rest.location.path} of ${rest.location.ingress ?? 'no Ingress'}, location ${rest.location.match}`,
          `Service: ${rest.location.service ?? 'none'}`,
        ]),
  ];
  return [
    paint('dim', `${method} ${scheme}://${host}${path}${query === null ? '' : `?${query}`}${from}`),
    ...likely.map((line) => paint('bold', line)),
    ...section(
      'other results',
      others.map((each) => withCondition(each, false)),
      paint,
    ),
    ...section('where', about, paint),
    ...section(
      'steps',
      steps.map((each) => stepLine(each, width, paint)),
      paint,
    ),
    ...section('request headers that change', rest.requestHeaders.map(headerLine), paint),
    ...section('response headers that change', rest.responseHeaders.map(headerLine), paint),
    ...section('settings', settingLines(rest.settings), paint),
    ...section(
      'also matches, but is not used',
      lost.map(({ match, ingress, path: own, why }) => `${match} (${own} of ${ingress ?? 'no Ingress'}): ${why}`),
      paint,
    ),
    ...section(
      'problems',
      rest.notes.map(({ severity, object, message }) => {
        const color = severity === 'error' ? 'red' : severity === 'warning' ? 'yellow' : 'dim';
        return `${paint(color, severity)}: ${object === undefined ? '' : `${formatObject(object)}: `}${message}`;
      }),
      paint,
    ),
  ];
}
