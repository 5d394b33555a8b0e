import { expect, it } from 'vitest';
import type { Outcome } from '../types/outcome.ts';
import { outcomeNotes } from './outcome-events.ts';

const POD = { kind: 'Pod', namespace: 'edge', name: 'one', uid: 'u-pod' };
const WEB = { kind: 'Ingress', namespace: 'shop', name: 'web', uid: 'u-web' };
const RELOAD: Outcome = { kind: 'reload', generation: 2, testMs: 10, reloadMs: 20 };
const LIVE: Outcome = { kind: 'live', set: 1, removed: 0, revision: 7, ms: 1 };
const CHECK = { ok: false, ms: 5, message: 'invalid number of arguments', line: 7 } as const;

function lines(outcome: Outcome, reasons: readonly string[] = [], pod: typeof POD | undefined = POD): string[] {
  return outcomeNotes(outcome, { pod, ingresses: [WEB], reasons }).map(
    ({ target, type, reason, message, newestOnly }) => {
      expect(newestOnly).toBe(true);
      return `${target.kind} ${type} ${reason}: ${message}`;
    },
  );
}

it('the pod gets an Event about a reload with its reasons, and the Ingress an Event that NGINX serves it', () => {
  expect(lines(RELOAD, ['new host a.example.com by shop/web'])).toEqual([
    'Pod Normal RELOAD: NGINX reloaded: new host a.example.com by shop/web',
    'Ingress Normal Sync: NGINX serves this Ingress, after a reload',
  ]);
  expect(lines(RELOAD, ['1', '2', '3', '4', '5', '6', '7'])[0]).toMatch(/1; 2; 3; 4; 5; and 2 more$/);
});

it('only the Ingress gets an Event about a change to live data', () => {
  expect(lines(LIVE)).toEqual(['Ingress Normal Sync: NGINX serves this Ingress, without a reload']);
});

it('only the pod gets an Event about a refusal, with the name of the refused Ingress', () => {
  expect(lines({ kind: 'refused', check: CHECK, owners: [WEB] })).toEqual([
    'Pod Warning RefusedByNginx: nginx refuses the configuration: invalid number of arguments [Ingress shop/web]; the previous configuration stays in force',
  ]);
  expect(lines({ kind: 'refused', check: CHECK, owners: [] })[0]).toMatch(
    /arguments; the previous configuration stays in force$/,
  );
});

it('the pod gets Events about failures, starts and adoptions, but not about changes without an effect', () => {
  expect(lines({ kind: 'failed', message: 'no worker came up', errorLog: [], ms: 1 })).toEqual([
    'Pod Warning ReloadFailed: no worker came up; the previous configuration stays in force',
  ]);
  expect(lines({ kind: 'started', master: 7, ms: 1 })).toEqual(['Pod Normal NginxStarted: NGINX runs with pid 7']);
  expect(lines({ kind: 'adopted', master: 7, ms: 1 })).toEqual([
    'Pod Normal NginxAdopted: NGINX was already running with pid 7',
  ]);
  expect(lines({ kind: 'none' })).toEqual([]);
});

it('creates no Event about a reload if the pod is unknown', () => {
  expect(outcomeNotes(RELOAD, { pod: undefined, ingresses: [], reasons: [] })).toEqual([]);
});
