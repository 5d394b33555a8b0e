/**
 * Compares explanations with the access log, which says to which Service the path of a request belongs, and why NGINX
 * answered as it did: a client cannot see that in a redirect or an error.
 */
import { randomBytes } from 'node:crypto';
import type { Explanation } from '../../controller/explain/explanation.ts';
import { fits, type Observation } from './agreement.ts';
import { linesOf } from './growing-log.ts';
import { until } from './instance.ts';
import type { RequestSpec } from './scenario.ts';

/** A request that NGINX has answered, with the id by which its line in the access log is found. */
export interface LoggedRequest {
  readonly id: string;
  readonly observation: Observation;
  readonly explanation: Explanation;
}

const ID = 'X-Request-ID';

/** The request with an id; without one if the request is about ids or sets one itself. */
export function withId(spec: RequestSpec): { readonly spec: RequestSpec; readonly id: string | undefined } {
  if (/request.?id|req_id/i.test(JSON.stringify(spec))) return { spec, id: undefined };
  const id = randomBytes(16).toString('hex');
  return { spec: { ...spec, headers: { ...spec.headers, [ID]: id } }, id };
}

/** The fields of a line in the default format: the Service of the path, and the reason. */
export function fieldsOf(line: string, id: string): { readonly upstream: string; readonly reason: string } | undefined {
  const [, upstream, reason] = new RegExp(`\\[([^\\]]*)\\] \\[[^\\]]*\\] [^[]*${id} \\[([^\\]]*)\\]$`).exec(line) ?? [];
  return upstream === undefined || reason === undefined ? undefined : { upstream, reason };
}

const counts = { compared: 0, missing: 0 };

/**
 * NGINX writes a line right after the response. Scenarios that change the log have no such line, so the wait is short.
 */
const PATIENCE_MS = 500;

/** How the line of a request differs from its explanation; empty if it does not. */
function differenceOf(logged: LoggedRequest, line: string): string[] {
  const { id, observation, explanation } = logged;
  const fields = fieldsOf(line, id);
  if (fields === undefined) {
    counts.missing += 1;
    return [];
  }
  counts.compared += 1;
  const { location, outcomes } = explanation;
  const service = location?.service?.replaceAll(/[/:]/g, '-') ?? 'upstream-default-backend';
  const byNginx = outcomes.filter((each) => each.by === 'nginx' && fits(each, observation));
  const reasons = byNginx.map(({ reason = '' }) => reason);
  const { method, host, path, headers } = observation.spec;
  const title = `${method} ${host || '-'}${path} with ${JSON.stringify(headers)}`;
  return [
    ...(location === null || ['-', '', service].includes(fields.upstream)
      ? []
      : [`explain: ${title} belongs to ${service}, and the access log says ${fields.upstream}`]),
    ...(byNginx.length === 0 || reasons.includes(fields.reason)
      ? []
      : [`explain: ${title} has the reason ${reasons.join(' or ')}, and the access log says ${fields.reason}`]),
  ];
}

/** Waits for the lines of requests in the access log, and returns how they differ from their explanations. */
export async function logDifferences(requests: readonly LoggedRequest[], runDir: string): Promise<string[]> {
  const lineOf = ({ id }: LoggedRequest) => linesOf(`${runDir}/run/access.log`).find((line) => line.includes(id));
  await until('', () => requests.every((each) => lineOf(each) !== undefined), PATIENCE_MS).catch(() => undefined);
  return requests.flatMap((each) => differenceOf(each, lineOf(each) ?? ''));
}

/** A line for the report. Throws if the lines of most requests were not found, because then nothing is compared. */
export function logReport(): string {
  if (counts.missing > counts.compared) throw new Error(`${counts.missing} requests have no line in the access log`);
  return (
    `explain: the Service of the path and the reason of ${counts.compared} requests agree with the access log; ` +
    `${counts.missing} requests have no line in the default format: the scenario changes the log, or no Ingress has the host`
  );
}
