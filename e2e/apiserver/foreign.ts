/** An existing cluster, which tests use only if TIDEGATE_E2E_KUBECONFIG names it and a namespace in it allows tests. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubectlFor } from './kubectl.ts';

export const VARIABLE = 'TIDEGATE_E2E_KUBECONFIG';
/** The namespace whose label allows tests to use the cluster. Tests create nothing in this namespace. */
export const MARKER = { namespace: 'tidegate-e2e', label: 'tidegate.dev/e2e', value: 'allowed' } as const;

/** A self-contained kubeconfig for the cluster, or the reason why tests do not use it. */
export type Foreign =
  { readonly kubeconfig: string; readonly server: string } | { readonly refused: string } | undefined;

interface Config {
  readonly clusters?: readonly { readonly cluster?: { readonly server?: string } }[];
  readonly users?: readonly { readonly user?: { readonly exec?: object; readonly 'auth-provider'?: object } }[];
}

const ASK = [
  `kubectl create namespace ${MARKER.namespace}`,
  `kubectl label namespace ${MARKER.namespace} ${MARKER.label}=${MARKER.value}`,
].join(' && ');

function readConfig(text: string): { server: string; asksProgram: boolean } {
  const { clusters, users } = JSON.parse(text) as Config;
  const { exec, 'auth-provider': provider } = users?.[0]?.user ?? {};
  return { server: clusters?.[0]?.cluster?.server ?? '', asksProgram: exec !== undefined || provider !== undefined };
}

/**
 * Checks whether tests may use the cluster of the kubeconfig `given`, which is the value of TIDEGATE_E2E_KUBECONFIG, by
 * reading one Namespace of the cluster. Undefined if `given` is empty. Writes a self-contained kubeconfig to `folder`.
 */
export async function findForeign(given: string | undefined, folder: string): Promise<Foreign> {
  if (given === undefined || given === '') return undefined;
  const refuse = (why: string): Foreign => ({ refused: `${VARIABLE}=${given} is not used: ${why}` });
  if (!existsSync(given)) return refuse('there is no such file; for example /home/me/kubeconfig-of-a-test-cluster');
  // The kubeconfig contains only the current context, and the contents of the files that the context names.
  const text = await kubectlFor(given, folder)
    .run(['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json'])
    .catch((error: unknown) => error);
  if (typeof text !== 'string') return refuse(`kubectl cannot read it: ${String(text)}`);
  const { server, asksProgram } = readConfig(text);
  if (asksProgram)
    return refuse('its user gets credentials from a program; create a kubeconfig with a token (kubectl create token)');
  const kubeconfig = join(folder, 'foreign');
  writeFileSync(kubeconfig, text, { mode: 0o600 });
  const labels = `jsonpath={.metadata.labels.${MARKER.label.replaceAll('.', String.raw`\.`)}}`;
  const shown = ['get', 'namespace', MARKER.namespace, '-o', labels];
  const said = await kubectlFor(kubeconfig)
    .run(shown)
    .catch((error: unknown) => error);
  if (said === MARKER.value) return { kubeconfig, server };
  const why = typeof said === 'string' ? `its Namespace ${MARKER.namespace} lacks the label` : String(said).trim();
  return refuse(`the cluster ${server} does not allow tests (${why}); to allow them, run: ${ASK}`);
}
