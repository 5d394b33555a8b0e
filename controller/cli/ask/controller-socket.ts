/** Finds the controller to ask: on this machine by its socket, or in a Pod over the Kubernetes API. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { loadApi, loadPortForward } from '../../cluster/index.ts';
import {
  createInspectionClient,
  type InspectionClient,
  type InspectionTarget,
  type Reached,
  type Unanswered,
} from '../../inspect/client/client.ts';
import { INSPECTION_SOCKET } from '../../inspect/inspection.ts';
import { defaultRunDir } from '../default-run-dir.ts';
import type { Arguments } from '../flag-values.ts';
import { UsageError } from '../usage-error.ts';
import { findPod } from './asked-pod.ts';
import { errorText } from '../../types/error-text.ts';

/** The default run directory of `tidegate controller`, which the image uses too. */
const OF_A_POD = '/run/tidegate';

/** The flags that say which controller is asked. */
export type AskingFlags = Pick<Arguments<'status'>, 'runDir' | 'deployment' | 'pod' | 'kubeconfig' | 'context'>;

export interface AskedController {
  readonly client: InspectionClient;
  /** What the client connects to. */
  readonly target: InspectionTarget;
  /** The sockets that were looked for; empty for a Pod. */
  readonly tried: readonly string[];
}

/**
 * `runDir`: the value of --run-dir; if it is empty, the default run directory of `up` is tried first, then that of a
 * Pod.
 */
function onThisMachine(runDir: string): AskedController {
  const folders = runDir === '' ? new Set([defaultRunDir(), OF_A_POD]) : [runDir];
  const tried = [...folders].map((folder) => path.resolve(folder, INSPECTION_SOCKET));
  const socket = tried.find((file) => existsSync(file)) ?? tried[0] ?? '';
  return { client: createInspectionClient(socket), target: socket, tried };
}

async function inPod({ deployment, pod, kubeconfig, context }: AskingFlags): Promise<AskedController | string> {
  const options = { kubeconfig, context, ofUser: true } as const;
  try {
    const api = await loadApi(options);
    const found = await findPod(api, { pod, deployment });
    await api.close();
    if ('obstacle' in found) return found.obstacle;
    const open = await loadPortForward(options);
    const target = () => open(found);
    return { client: createInspectionClient(target), target, tried: [] };
  } catch (error) {
    return errorText(error);
  }
}

/** The controller that the flags name, or why it cannot be asked. Throws a UsageError if they name several. */
export async function askedController(asked: AskingFlags): Promise<AskedController | string> {
  const given = [asked.runDir, asked.deployment, asked.pod].filter((value) => value !== '');
  if (given.length > 1)
    throw new UsageError('--run-dir, --deployment and --pod each name the controller to ask; give one of them');
  const cluster = asked.deployment !== '' || asked.pod !== '';
  if (!cluster && (asked.kubeconfig !== '' || asked.context !== ''))
    throw new UsageError(
      '--kubeconfig and --context need --deployment or --pod; for example --deployment ingress-nginx/ingress-nginx-controller',
    );
  return cluster ? inPod(asked) : onThisMachine(asked.runDir);
}

/** The message for a controller that did not answer, with what to do about it. */
export function unansweredText({ kind, message }: Unanswered, tried: readonly string[]): string {
  if (kind !== 'nobody' || tried.length === 0) return message;
  const start =
    'start one with `tidegate up --manifests DIR`, or name the run directory of a running one with --run-dir';
  return (
    `no controller listens on ${tried.join(' or ')} (${message}); ${start}. In a cluster: kubectl exec POD -c ` +
    'controller -- tidegate status, or --deployment NAMESPACE/NAME'
  );
}

/** Asks the controller once. Prints an error, and resolves to undefined, if there is no answer. */
export async function askOnce<T>(
  asked: AskingFlags,
  ask: (client: InspectionClient) => Promise<Reached<T>>,
): Promise<{ readonly value: T } | undefined> {
  const controller = await askedController(asked);
  if (typeof controller === 'string') {
    console.error(`error: ${controller}`);
    return undefined;
  }
  const reached = await ask(controller.client);
  if (reached.ok) return reached;
  console.error(`error: ${unansweredText(reached, controller.tried)}`);
  return undefined;
}
