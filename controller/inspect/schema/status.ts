import { z } from 'zod';
import { OUTCOME } from './outcomes.ts';
import { COUNT, TIME } from './parts.ts';

const HASH = z.string().nullable();

export const STATUS = z.object({
  state: z
    .enum(['healthy', 'degraded', 'unhealthy'])
    .describe(
      '`unhealthy`: the controller or NGINX does not work as it should, or changes do not take effect; ' +
        '`degraded`: both work, but something that an object requests is not served',
    ),
  reasons: z.array(z.string()).describe('why the state is not `healthy`'),
  at: TIME.describe('when the answer was computed'),
  started: TIME.describe('when this controller process started'),
  command: z
    .enum(['up', 'controller', 'ui'])
    .describe('the command that runs; `ui` only builds manifests, and has no NGINX'),
  versions: z
    .object({
      tidegate: z.string().describe('version of Tidegate'),
      node: z.string().describe('version of Node'),
      nginx: z.string().describe('version of NGINX'),
    })
    .describe('versions of the programs'),
  controllerClass: z.string().describe('`--controller-class`'),
  ingressClass: z.string().describe('`--ingress-class`'),
  namespace: z.string().nullable().describe('namespace of the Pod; null outside a Pod'),
  pod: z.string().nullable().describe('name of the Pod; null outside a Pod'),
  leader: z.boolean().nullable().describe('whether this replica is the leader; null without an election'),
  dataAgeSeconds: z
    .number()
    .nullable()
    .describe('seconds since the objects of the cluster were last known to be current; null for `up`'),
  conf: z
    .object({
      wanted: HASH.describe('checksum of the nginx.conf that the current objects result in'),
      inForce: HASH.describe('checksum of the nginx.conf that NGINX runs with; null if NGINX does not answer'),
      busySeconds: z.number().describe('how long the change in progress has taken so far; 0 if there is none'),
    })
    .describe('nginx.conf'),
  nginx: z
    .object({
      master: z.number().int().describe('process id of the master, in the PID namespace of NGINX'),
      generation: COUNT.describe('newest generation of workers'),
      revision: COUNT.describe('revision of the live data'),
      serving: COUNT.describe('workers that accept connections'),
      draining: COUNT.describe('workers of older generations, which finish their requests'),
      drainingGenerations: COUNT.describe('number of generations to which the draining workers belong'),
      closedEarly: COUNT.describe('connections that draining workers closed early, since the master started'),
      liveDataBytes: COUNT.describe('size of the shared dictionary with the live data'),
      liveDataFreeBytes: COUNT.describe('how much of the dictionary is free'),
    })
    .nullable()
    .describe('null if NGINX does not answer'),
  counts: z
    .object({
      hosts: COUNT.describe('server blocks in nginx.conf'),
      routes: COUNT.describe('routes in the live data'),
      ingresses: COUNT.describe('Ingresses that are served'),
      backends: COUNT.describe('Service ports'),
      certificates: COUNT.describe('certificates that NGINX serves'),
      errors: COUNT.describe('Problems with severity `error`'),
      warnings: COUNT.describe('Problems with severity `warning`'),
      notices: COUNT.describe('Problems with severity `notice`'),
      reloads: COUNT.describe('reloads of NGINX since this controller process started'),
      withoutEndpoints: COUNT.describe(
        'Problems, of any severity, about a Service that is missing or has no endpoints',
      ),
    })
    .describe('numbers of objects and Problems'),
  quarantined: z
    .object({
      total: COUNT.describe('number of these Ingresses'),
      items: z
        .array(
          z.object({
            ingress: z.string().describe('namespace/name'),
            message: z.string().describe('what nginx or the exception says'),
          }),
        )
        .describe('at most 20'),
    })
    .describe('Ingresses that are left out because nginx refuses them or because they cannot be built'),
  lastOutcomes: z
    .object({
      structure: OUTCOME.nullable().describe('the last change to nginx.conf or to the NGINX process'),
      live: OUTCOME.nullable().describe('the last change to live data'),
    })
    .describe('the last operations on NGINX'),
});

export type StatusAnswer = z.output<typeof STATUS>;
