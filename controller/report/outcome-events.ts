/** Turns Outcomes into Events: on our pod, what NGINX did; on the changed Ingresses, that NGINX serves the change. */
import { formatObject } from '../types/problem.ts';
import type { Outcome } from '../types/outcome.ts';
import type { EventNote, EventTarget } from './event-object.ts';

export interface OutcomeContext {
  /** Our pod; undefined outside a cluster. */
  readonly pod: EventTarget | undefined;
  /** The Ingresses that changed, without Ingresses that only share a server block with them. */
  readonly ingresses: readonly EventTarget[];
  /** The reasons for the change, as in the log line. */
  readonly reasons: readonly string[];
}

const MOST_REASONS = 5;

function shown(reasons: readonly string[]): string {
  const more = reasons.length > MOST_REASONS ? `; and ${reasons.length - MOST_REASONS} more` : '';
  return `${reasons.slice(0, MOST_REASONS).join('; ')}${more}`;
}

function podNote(outcome: Outcome, reasons: readonly string[]): Omit<EventNote, 'target' | 'newestOnly'> | undefined {
  switch (outcome.kind) {
    case 'none':
    case 'live':
      return undefined;
    case 'started':
      return { type: 'Normal', reason: 'NginxStarted', message: `NGINX runs with pid ${outcome.master}` };
    case 'adopted':
      return {
        type: 'Normal',
        reason: 'NginxAdopted',
        message: `NGINX was already running with pid ${outcome.master}`,
      };
    case 'reload':
      return { type: 'Normal', reason: 'RELOAD', message: `NGINX reloaded: ${shown(reasons)}` };
    case 'refused': {
      const owners = outcome.owners.length === 0 ? '' : ` [${outcome.owners.map(formatObject).join(', ')}]`;
      const message = `nginx refuses the configuration: ${outcome.check.message}${owners}; the previous configuration stays in force`;
      return { type: 'Warning', reason: 'RefusedByNginx', message };
    }
    case 'failed':
      return {
        type: 'Warning',
        reason: 'ReloadFailed',
        message: `${outcome.message}; the previous configuration stays in force`,
      };
  }
}

/**
 * The Events of an Outcome. A refusal by nginx is reported here only on the pod; the Problem of the refused Ingress has
 * an Event of its own, with path and value.
 */
export function outcomeNotes(outcome: Outcome, { pod, ingresses, reasons }: OutcomeContext): readonly EventNote[] {
  const own = pod === undefined ? undefined : podNote(outcome, reasons);
  const served = outcome.kind === 'reload' || outcome.kind === 'live' ? ingresses : [];
  return [
    ...(own === undefined || pod === undefined ? [] : [{ ...own, target: pod, newestOnly: true }]),
    ...served.map((target) => ({
      target,
      type: 'Normal' as const,
      reason: 'Sync',
      message:
        outcome.kind === 'reload'
          ? 'NGINX serves this Ingress, after a reload'
          : 'NGINX serves this Ingress, without a reload',
      newestOnly: true,
    })),
  ];
}
