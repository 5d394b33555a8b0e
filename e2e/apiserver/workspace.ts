/**
 * A namespace that a test creates in a cluster, and the only one that the test writes to. This works with a complete
 * cluster, and with a kube-apiserver alone, in which no controller removes the objects of a deleted namespace.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MARKER } from './foreign.ts';
import type { Kubectl } from './kubectl.ts';
import type { KubernetesObject } from '../runner/object.ts';

export interface Workspace {
  readonly namespace: string;
  /** Runs kubectl in this namespace. */
  run(args: readonly string[]): Promise<string>;
  /**
   * Runs `kubectl apply`. Rejects, and applies nothing, if an object is in another namespace, or of a kind that is not
   * in KINDS_OF_TESTS.
   */
  apply(...objects: readonly KubernetesObject[]): Promise<void>;
  /** Removes the namespace with everything in it. Rejects if the name now belongs to a namespace with another uid. */
  dispose(): Promise<void>;
}

const RUN = 'run';
/** The kinds that tests may apply. kubectl would ignore the namespace of a cluster-scoped kind. */
const KINDS_OF_TESTS = new Set(['Ingress', 'Pod', 'Secret', 'Service']);
const MOST_MS = 90_000;
/** All kinds that tests and the controller write. Without a namespace controller, tests must remove these objects. */
const KINDS = 'ingresses,services,secrets,pods,leases.coordination.k8s.io,events,configmaps';

/** Creates a namespace `tidegate-e2e-<8 hexadecimal digits>` with the label `tidegate.dev/e2e=run`. */
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
        if (told.namespace === namespace && KINDS_OF_TESTS.has(kind)) continue;
        throw new Error(`${kind} ${told.namespace ?? ''}/${told.name} is not for the namespace ${namespace}`);
      }
      await kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    },
    async dispose() {
      const text = await read();
      if (text === '') return;
      if (uidOf(text) !== uid)
        throw new Error(
          `the namespace ${namespace} is not the one that was created (its uid differs), and is not removed`,
        );
      // The controllers of a complete cluster create this ConfigMap in every new namespace.
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
