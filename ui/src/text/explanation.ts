/** An explanation as headings and lines. `tidegate explain` prints the same sections for a terminal. */
import type { Explanation, RequestOutcome, StepResult } from '../../../controller/explain/explanation.ts';
import { percentText } from './format.ts';

export const STEP_SIGNS: Readonly<Record<StepResult, readonly [sign: string, about: string]>> = {
  passed: ['✓', 'continues'],
  answered: ['■', 'is answered'],
  depends: ['?', 'depends'],
};

const MOST_ENDPOINTS = 8;

function endpointsText(endpoints: readonly string[]): string {
  if (endpoints.length === 0) return 'no endpoints';
  const more = endpoints.length - MOST_ENDPOINTS;
  const shown = endpoints.slice(0, MOST_ENDPOINTS).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** One result in words. */
export function resultText({ status, by, reason, location, backend }: RequestOutcome): string {
  if (backend !== undefined) {
    const { service, role, path, protocol, endpoints } = backend;
    const as = role === 'main' ? '' : ` as ${role === 'error-page' ? 'error page' : role}`;
    return `${service} gets ${path} over ${protocol}${as} (${endpointsText(endpoints)})`;
  }
  const logged = reason === undefined ? '' : ` [${reason}]`;
  if (location !== undefined) return `${status}, a redirect to ${location}${logged}`;
  if (by === 'closed') return 'NGINX closes the connection without a response';
  if (by === 'unknown') return 'The result is not known here';
  return `${status ?? 'its own status'} from ${by === 'nginx' ? 'NGINX' : `the ${by}`}${logged}`;
}

/** The results that no condition restricts, each with its share if weights decide. */
export function likelyResults({ outcomes }: Pick<Explanation, 'outcomes'>): readonly string[] {
  return outcomes
    .filter(({ when }) => when === undefined)
    .map((each) => (each.share === undefined ? resultText(each) : `${percentText(each.share)}: ${resultText(each)}`));
}

export function otherResults({ outcomes }: Pick<Explanation, 'outcomes'>): readonly string[] {
  return outcomes.flatMap((each) => (each.when === undefined ? [] : [`if ${each.when}: ${resultText(each)}`]));
}

export interface Branch {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Everything besides the results and the steps; branches without lines are left out. */
export function branches(explanation: Explanation): readonly Branch[] {
  const { server, location, lost, certificate, request } = explanation;
  const headers = (list: Explanation['requestHeaders']) =>
    list.map(({ name, value }) => (value === undefined ? `${name} is removed` : `${name}: ${value}`));
  const all: readonly Branch[] = [
    {
      title: 'Where',
      lines: [
        ...(server === null
          ? []
          : [`host: ${server.names.join(', ')}`, `Ingresses: ${server.ingresses.join(', ') || 'none'}`]),
        ...(request.scheme === 'https' ? [`certificate: ${certificate ?? 'the default certificate'}`] : []),
        ...(location === null
          ? []
          : [
              `path: ${location.path} of ${location.ingress ?? 'no Ingress'}, location ${location.match}`,
              `Service: ${location.service ?? 'none'}`,
            ]),
      ],
    },
    { title: 'Request headers that change', lines: headers(explanation.requestHeaders) },
    { title: 'Response headers that change', lines: headers(explanation.responseHeaders) },
    {
      title: 'Also matches, but is not used',
      lines: lost.map(({ match, ingress, path, why }) => `${match} (${path} of ${ingress ?? 'no Ingress'}): ${why}`),
    },
    {
      title: 'Problems',
      lines: explanation.notes.map(({ severity, object, message }) => {
        const of = object === undefined ? '' : `${object.kind} ${object.namespace}/${object.name}: `;
        return `${severity}: ${of}${message}`;
      }),
    },
  ];
  return all.filter(({ lines }) => lines.length > 0);
}

/** Settings that somebody wrote, and the number of those that have their default. */
export function settingLines({ settings }: Pick<Explanation, 'settings'>): {
  readonly written: readonly string[];
  readonly defaults: readonly string[];
} {
  const line = ({ name, value, from, object, scope, ignored }: Explanation['settings'][number]): string => {
    const source = from === 'annotation' ? `annotation of ${object}` : `ConfigMap ${object}`;
    const whole = scope === 'host' ? ', applies to the whole host' : '';
    return `${name} = ${value} (${source}${whole})${ignored === undefined ? '' : `, ignored: ${ignored}`}`;
  };
  return {
    written: settings.filter(({ from }) => from !== 'default').map(line),
    defaults: settings.filter(({ from }) => from === 'default').map(({ name, value }) => `${name} = ${value}`),
  };
}
