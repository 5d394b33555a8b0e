/** The last lines of the text that `tidegate check` prints. */
import { counted } from '../../types/counted.ts';
import type { Problem } from '../../types/problem.ts';
import type { CheckCounts } from './counts.ts';

function looked({ files, objects, ingresses, served, notServed, ingressClass }: CheckCounts): string {
  const read = `${counted(files, 'file')}, ${counted(objects, 'object')}, ${counted(ingresses, 'Ingress', 'Ingresses')}`;
  if (ingresses === 0) return read;
  const reasons = Object.keys(notServed)
    .sort()
    .map((reason) => `${notServed[reason] ?? 0} ${reason}`);
  const others = reasons.length === 0 ? '' : `; not served: ${reasons.join(', ')}`;
  return `${read}; ${served} served by class ${ingressClass}${others}`;
}

function skipped({ setAside: { foreign, template, patch } }: CheckCounts): string {
  const parts = [
    ...(foreign > 0 ? [`${counted(foreign, 'document')} without a Kubernetes object`] : []),
    ...(template > 0 ? [counted(template, 'template')] : []),
    ...(patch > 0 ? [counted(patch, 'kustomize patch', 'kustomize patches')] : []),
  ];
  return parts.length === 0 ? '' : `skipped: ${parts.join(', ')}\n`;
}

export function checkSummary(problems: readonly Problem[], counts: CheckCounts, nginx: string | null): string {
  const of = (severity: Problem['severity']): string =>
    counted(problems.filter((problem) => problem.severity === severity).length, severity);
  const tested =
    nginx === null
      ? 'nginx with its Lua module is not installed, so nginx -t did not test the configuration'
      : 'nginx -t tested the configuration';
  return `${looked(counts)}\n${skipped(counts)}${of('error')}, ${of('warning')}, ${of('notice')}; ${tested}\n`;
}
