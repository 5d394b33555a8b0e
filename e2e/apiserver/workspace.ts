/**
 * The namespace of a cluster that a test created for itself, and the only place where it writes. Works with a complete
 * cluster and with a kube-apiserver alone, where no controller empties and finalises a deleted namespace.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MARKER } from './foreign.ts';
import type { Kubectl } from './kubectl.ts';
import type { KubernetesObject } from '../runner/object.ts';

export interface Workspace {
  readonly namespace: string;
  /** kubectl in this namespace. */
  run(args: readonly string[]): Promise<string>;
  /**
   * `kubectl apply`. Rejects, and applies nothing, if an object is of another namespace, or of a kind that tests do not
   * need.
   */
  apply(...objects: readonly KubernetesObject[]): Promise<void>;
  /** Removes the namespace with everything in it; rejects if it is not the one that was created. */
  dispose(): Promise<void>;
}

const RUN = 'run';
/** kubectl ignores the namespace of a cluster-scoped kind, so these are listed. */
const TAKEN = new Set(['Ingress', 'Pod', 'Secret', 'Service']);
const MOST_MS = 90_000;
/** Without a namespace controller these have to be removed one by one: they are all that is ever written here. */
const KINDS = 'ingresses,services,secrets,pods,leases.coordination.k8s.io,events,configmaps';

/** Creates a namespace: `tidegate-e2e-<8 hex>`, labelled `tidegate.dev/e2e=run`. */
export async function createWorkspace(kubectl: Kubectl): Promise<Workspace> {
  const namespace = `${MARKER.namespace}-${randomBytes(4).toString('hex')}`;
  const metadata = { name: namespace, labels: { [MARKER.label]: RUN } };
  const made = await kubectl.run(
    ['create', '--validate=false', '-f', '-', '-o', 'json'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata }),
  );
  const uidOf = (text: string) => (JSON.parse(text) as { metadata: { uid: string } }).metadata.uid;
  const uid = uidOf(made);
  const within = ['--namespace', namespace];

  function read(): Promise<string> {
    return kubectl.run(['get', 'namespace', namespace, '--ignore-not-found', '-o', 'json']);
  }
  async function gone(): Promise<void> {
    const end = performance.now() + MOST_MS;
    while ((await read()) !== '') {
      if (performance.now() > end) throw new Error(`the namespace ${namespace} is still there after ${MOST_MS} ms`);
      await sleep(500);
    }
  }
  return {
    namespace,
    run: (args) => kubectl.run([...args, ...within]),
    async apply(...objects) {
      for (const { kind, metadata: told } of objects) {
        if (told.namespace === namespace && TAKEN.has(kind)) continue;
        throw new Error(`${kind} ${told.namespace ?? ''}/${told.name} is not for the namespace ${namespace}`);
      }
      await kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    },
    async dispose() {
      const text = await read();
      if (text === '') return;
      if (uidOf(text) !== uid) throw new Error(`the namespace ${namespace} is another one than was made: left alone`);
      // Controllers of a complete cluster put this into every namespace at once.
      const whole = await kubectl.run(['get', 'configmap', 'kube-root-ca.crt', '--ignore-not-found', ...within]);
      if (whole === '') await kubectl.run(['delete', KINDS, '--all', '--force', '--grace-period=0', ...within]);
      await kubectl.run(['delete', 'namespace', namespace, '--wait=false']);
      if (whole === '' && (await read()) !== '') {
        const empty = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, uid }, spec: {} };
        const finalize = `/api/v1/namespaces/${namespace}/finalize`;
        await kubectl.run(['replace', '--raw', finalize, '-f', '-'], JSON.stringify(empty));
      }
      await gone();
    },
  };
}
