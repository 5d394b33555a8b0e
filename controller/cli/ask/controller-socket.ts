/** Finds the controller to ask. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  createInspectionClient,
  type InspectionClient,
  type Reached,
  type Unanswered,
} from '../../inspect/client/client.ts';
import { INSPECTION_SOCKET } from '../../inspect/inspection.ts';
import { defaultRunDir } from '../default-run-dir.ts';

/** The default run directory of `tidegate controller`, which is also that of the image. */
const OF_A_POD = '/run/tidegate';

export interface AskedController {
  readonly client: InspectionClient;
  /** The sockets that were looked for. */
  readonly tried: readonly string[];
}

/**
 * `runDir`: the value of --run-dir; if it is empty, the default run directory of `up` is tried first, then that of a
 * Pod.
 */
export function askedController(runDir: string): AskedController {
  const folders = runDir === '' ? new Set([defaultRunDir(), OF_A_POD]) : [runDir];
  const tried = [...folders].map((folder) => path.resolve(folder, INSPECTION_SOCKET));
  const socket = tried.find((file) => existsSync(file)) ?? tried[0] ?? '';
  return { client: createInspectionClient(socket), tried };
}

/** The message for a controller that did not answer, with what to do about it. */
export function unansweredText({ kind, message }: Unanswered, tried: readonly string[]): string {
  if (kind !== 'nobody') return message;
  const start =
    'start one with `tidegate up --manifests DIR`, or name the run directory of a running one with --run-dir';
  return `no controller listens on ${tried.join(' or ')} (${message}); ${start}. In a cluster: kubectl exec POD -c controller -- tidegate status`;
}

/** Asks the controller once. Prints an error, and resolves to undefined, if there is no answer. */
export async function askOnce<T>(
  runDir: string,
  ask: (client: InspectionClient) => Promise<Reached<T>>,
): Promise<{ readonly value: T } | undefined> {
  const { client, tried } = askedController(runDir);
  const reached = await ask(client);
  if (reached.ok) return reached;
  console.error(`error: ${unansweredText(reached, tried)}`);
  return undefined;
}
