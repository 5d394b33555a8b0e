/** Renders the controller's Pod. */
import type { V1Container, V1DaemonSet, V1Deployment, V1PodSpec } from '@kubernetes/client-node';
import { only, render, type RenderOptions } from './helm.ts';

export interface Pod {
  readonly workload: V1Deployment | V1DaemonSet;
  readonly spec: V1PodSpec;
  readonly nginx: V1Container;
  readonly controller: V1Container;
  /** The flags of the controller: name → value, or '' for a flag without a value. */
  readonly flags: ReadonlyMap<string, string>;
}

/** Renders the chart and returns the controller's Pod. */
export async function renderPod(options: RenderOptions = {}): Promise<Pod> {
  const objects = await render(options);
  const workload = only<V1Deployment | V1DaemonSet>(
    objects.filter(({ metadata }) => metadata.labels['app.kubernetes.io/component'] === 'controller'),
    objects.some(({ kind }) => kind === 'DaemonSet') ? 'DaemonSet' : 'Deployment',
  );
  const spec = workload.spec?.template.spec;
  const nginx = spec?.initContainers?.find(({ name }) => name === 'nginx');
  const controller = spec?.containers[0];
  if (spec == null || nginx === undefined || controller === undefined) throw new Error('a container is missing');
  const flags = new Map(
    (controller.args ?? []).slice(1).map((argument) => {
      const [name = '', ...value] = argument.slice(2).split('=');
      return [name, value.join('=')];
    }),
  );
  return { workload, spec, nginx, controller, flags };
}
