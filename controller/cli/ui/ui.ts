/** `tidegate ui`: serves the web page on this machine, for a running controller or for manifests, until Ctrl-C. */
import { listenOnLoopback } from '../../inspect/http/listen.ts';
import { createRelay } from '../../inspect/http/relay.ts';
import { askedController, unansweredText } from '../ask/controller-socket.ts';
import type { Arguments } from '../flag-values.ts';
import { untilSignal } from '../until-signal.ts';
import { UsageError } from '../usage-error.ts';
import { inspectManifests } from './manifests.ts';
import { openBrowser } from './open-browser.ts';

/** A page that is being served, or the exit code and why there is none. */
type Serving =
  | { readonly port: number; readonly of: string; readonly close: () => Promise<void> }
  | { readonly code: 1 | 2; readonly obstacle: string };

/** The page of a running controller, which may be on this machine or in a Pod. */
async function ofController(given: Arguments<'ui'>): Promise<Serving> {
  const controller = await askedController(given);
  if (typeof controller === 'string') return { code: 1, obstacle: controller };
  const { client, target, tried } = controller;
  // A page that cannot show anything is not opened.
  const reached = await client.get('status');
  if (!reached.ok) return { code: 1, obstacle: unansweredText(reached, tried) };
  const messageOf = ({ message }: Error) => `the controller does not answer: ${message}`;
  const listening = await listenOnLoopback(given.port, createRelay(target, messageOf));
  if ('obstacle' in listening) return { code: 1, obstacle: listening.obstacle };
  const { command, pod, namespace } = reached.value;
  const of = pod === null ? `the running tidegate ${command}` : `Pod ${namespace}/${pod}`;
  return { ...listening, of };
}

async function ofManifests(paths: readonly string[], given: Arguments<'ui'>): Promise<Serving> {
  if (given.deployment !== '' || given.pod !== '' || given.runDir !== '')
    throw new UsageError(
      '--run-dir, --deployment and --pod name a running controller; leave out the paths of manifests',
    );
  const inspected = await inspectManifests(paths, given);
  if ('obstacle' in inspected) return { code: 2, obstacle: inspected.obstacle };
  const { inspection, close } = inspected;
  const { obstacles, port } = await inspection.listen({ socket: undefined, port: given.port });
  if (port !== undefined) return { port, of: 'these manifests; NGINX is not involved', close };
  await close();
  return { code: 1, obstacle: obstacles.join('; ') };
}

/** Returns 0 after a signal, 1 if there is nothing to show or the port is in use, and 2 for wrong usage. */
export async function uiCommand(paths: readonly string[], given: Arguments<'ui'>): Promise<number> {
  const serving = await (paths.length === 0 ? ofController(given) : ofManifests(paths, given));
  if ('obstacle' in serving) {
    console.error(`error: ${serving.obstacle}`);
    return serving.code;
  }
  const url = `http://127.0.0.1:${serving.port}/`;
  const stopped = untilSignal(['SIGINT', 'SIGTERM', 'SIGHUP']);
  console.log(`page: ${url} (${serving.of}); Ctrl-C stops`);
  if (given.open) openBrowser(url);
  await stopped;
  await serving.close();
  return 0;
}
