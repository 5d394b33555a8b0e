/** Finds the workload of ingress-nginx, and reads its flags. */
import type { V1Container, V1DaemonSet, V1Deployment } from '@kubernetes/client-node';
import { isRecord } from '../types/is-record.ts';
import type { ObjectRef } from '../types/problem.ts';

/** A Deployment or DaemonSet as the API returns it; any field may be missing. */
export interface Workload {
  readonly object: ObjectRef;
  readonly spec: V1Deployment | V1DaemonSet;
  readonly container: V1Container;
  /** The arguments of the container, with its variables expanded. */
  readonly args: readonly string[];
}

/** Images and programs of ingress-nginx, also as other projects build and mirror them. */
const IMAGE = /(?:^|\/)(?:[a-z-]*nginx-ingress-controller|ingress-nginx[\w-]*|controller)(?:-chroot)?(?=[:@]|$)/;
const PROGRAM = /(?:^|\/)nginx-ingress-controller$/;
/** Flags that only ingress-nginx has; the image of a mirror may have any name. */
const FLAG = /^--(?:controller-class|ingress-class|election-id|publish-service)=/;

/** Expands `$(NAME)` as Kubernetes does; `$$` stands for `$`. A name without a value stays as written. */
function expanded(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\$|\$\(([A-Za-z_][\w.-]*)\)/g, (all, name: string | undefined) =>
    name === undefined ? '$' : (values.get(name) ?? all),
  );
}

function environment({ env = [] }: V1Container, namespace: string): ReadonlyMap<string, string> {
  return new Map(
    env.flatMap(({ name, value, valueFrom }) => {
      if (value !== undefined) return [[name, value] as const];
      return valueFrom?.fieldRef?.fieldPath === 'metadata.namespace' ? [[name, namespace] as const] : [];
    }),
  );
}

function isController({ image = '', command = [], args = [] }: V1Container): boolean {
  const words = [...command, ...args];
  if (words.some((word) => PROGRAM.test(word))) return true;
  return IMAGE.test(image) && words.some((word) => FLAG.test(word));
}

/** The workload of an object; undefined if the object is not a Deployment or DaemonSet of ingress-nginx. */
export function workloadOf(kind: string, object: unknown): Workload | undefined {
  if ((kind !== 'Deployment' && kind !== 'DaemonSet') || !isRecord(object)) return undefined;
  const spec = object as V1Deployment | V1DaemonSet;
  const containers: unknown = spec.spec?.template?.spec?.containers;
  const all = Array.isArray(containers) ? (containers as readonly V1Container[]) : [];
  const container = all.find(isController);
  if (container === undefined) return undefined;
  const { namespace = 'default', name = '' } = spec.metadata ?? {};
  const values = environment(container, namespace);
  const words = [...(container.command ?? []), ...(container.args ?? [])].map((word) => expanded(word, values));
  return { object: { kind, namespace, name }, spec, container, args: words.filter((word) => word.startsWith('-')) };
}

/** A flag of the arguments, and its value: `true` for a flag without one. */
export function flagsIn(args: readonly string[]): readonly (readonly [name: string, value: string])[] {
  return args.flatMap((argument) => {
    const [, name, value = 'true'] = /^--?([A-Za-z][A-Za-z0-9_-]*)(?:=([\s\S]*))?$/.exec(argument) ?? [];
    return name === undefined ? [] : [[name, value] as const];
  });
}
