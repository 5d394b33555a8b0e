/** Whether all is well, with the reasons why not. */
import type { StatusAnswer } from '../schema/status.ts';

type Facts = Omit<StatusAnswer, 'state' | 'reasons'>;

/** A change to nginx.conf that takes longer than this counts as stuck. */
const STUCK_SECONDS = 180;
/** The API server sends bookmarks about once a minute, so older data is a sign of an outage. */
const OLD_DATA_SECONDS = 300;

/** Reasons why the controller or NGINX does not work as it should. */
function faults({ command, conf, nginx, lastOutcomes, dataAgeSeconds }: Facts): string[] {
  const { live } = lastOutcomes;
  const failed = failedChange(lastOutcomes.structure);
  const isStuck = failed === undefined && conf.inForce !== conf.wanted && conf.busySeconds > STUCK_SECONDS;
  return texts([
    [conf.wanted === null, 'no configuration has been built yet: the objects have not been read'],
    [nginx === null && command !== 'ui', 'NGINX does not answer'],
    [failed !== undefined, failed ?? ''],
    [isStuck, `a reload has been in progress for ${Math.round(conf.busySeconds)} s`],
    [
      live?.kind === 'failed' && !isSuperseded(lastOutcomes),
      `NGINX did not accept live data: ${firstLine(live?.message)}`,
    ],
    [
      (dataAgeSeconds ?? 0) > OLD_DATA_SECONDS,
      `the API server has not confirmed the objects for ${Math.round(dataAgeSeconds ?? 0)} s`,
    ],
  ]);
}

/**
 * Whether NGINX was started, adopted or reloaded after it did not accept live data. If so, it has received all live
 * data since.
 */
function isSuperseded({ structure, live }: Facts['lastOutcomes']): boolean {
  const ran = structure?.kind === 'started' || structure?.kind === 'adopted' || structure?.kind === 'reload';
  return ran && live !== null && Date.parse(structure.at) >= Date.parse(live.at);
}

function texts(reasons: readonly (readonly [applies: boolean, text: string])[]): string[] {
  return reasons.flatMap(([applies, text]) => (applies ? [text] : []));
}

function failedChange(outcome: StatusAnswer['lastOutcomes']['structure']): string | undefined {
  if (outcome?.kind === 'refused') return `nginx refused the last change to nginx.conf: ${firstLine(outcome.message)}`;
  if (outcome?.kind === 'failed') return `the last change to nginx.conf failed: ${firstLine(outcome.message)}`;
  return undefined;
}

/** Reasons why something that an object requests is not served. */
function losses({ counts: { errors, withoutEndpoints }, quarantined: { total } }: Facts): string[] {
  const because = 'left out, because nginx refuses the configuration or because it cannot be built';
  return texts([
    [total > 0, `${total === 1 ? '1 Ingress is' : `${total} Ingresses are`} ${because}`],
    [errors > 0, `${errors === 1 ? '1 error' : `${errors} errors`}: what an object requests is not served`],
    [
      withoutEndpoints > 0,
      `${withoutEndpoints === 1 ? '1 Service port is missing or has' : `${withoutEndpoints} Service ports are missing or have`} no endpoints`,
    ],
  ]);
}

function firstLine(message = ''): string {
  return message.split('\n', 1)[0] ?? '';
}

export function judgeHealth(facts: Facts): Pick<StatusAnswer, 'state' | 'reasons'> {
  const [broken, lost] = [faults(facts), losses(facts)];
  const state = broken.length > 0 ? 'unhealthy' : lost.length > 0 ? 'degraded' : 'healthy';
  return { state, reasons: [...broken, ...lost] };
}
