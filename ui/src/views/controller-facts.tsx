/** What runs: versions, the Pod, the workers of NGINX. */
import type { AnswerOf } from '../../../controller/inspect/schema/endpoints.ts';
import { durationText, percentText } from '../text/format.ts';

type Status = AnswerOf<'status'>;

export function ControllerFacts({ status }: { readonly status: Status }) {
  const { nginx, versions, conf, command, ingressClass, pod, namespace, started, leader } = status;
  const seconds = (Date.parse(status.at) - Date.parse(started)) / 1000;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Running', `tidegate ${command} ${versions.tidegate} for ${durationText(seconds)}`],
    ['Pod', pod === null ? undefined : `${namespace}/${pod}${leader === true ? ', leader' : ''}`],
    ['Ingress class', ingressClass],
    ['NGINX', nginx === null ? undefined : `${versions.nginx}, generation ${nginx.generation}`],
    ['Workers', nginx === null ? undefined : `${nginx.serving} serving, ${nginx.draining} draining`],
    ['nginx.conf', conf.wanted === null ? undefined : `${conf.wanted}${confState(status)}`],
    [
      'Live data',
      nginx === null
        ? undefined
        : `${percentText(1 - nginx.liveDataFreeBytes / nginx.liveDataBytes)} of its memory used`,
    ],
  ];
  return (
    <section class="panel">
      <h2>Controller and NGINX</h2>
      <dl class="facts">
        {facts.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}

function confState({ command, conf: { wanted, inForce, busySeconds } }: Status): string {
  if (command === 'ui') return '';
  if (wanted === inForce) return ', in force';
  return busySeconds > 0 ? `, a change has been in progress for ${durationText(busySeconds)}` : ', not in force yet';
}
