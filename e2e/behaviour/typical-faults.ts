/**
 * Typical faults, each in a namespace of its own: what clients get, what the access log says, and what `tidegate status`
 * and `tidegate problems` must say. docs/troubleshooting.md contains them as a table.
 */
import type { Backends } from '../backends/start.ts';
import { issue, issueExpired } from '../certificates.ts';
import { writeIngress } from '../runner/manifests.ts';
import { placeIn } from '../runner/object.ts';
import { secretOf } from '../runner/secrets.ts';
import { manifestFaults } from './manifest-faults.ts';
import { trafficFaults } from './traffic-faults.ts';
import { type Fault, faultyHost, serviceAt, type WrittenFault } from './typical-fault.ts';

export interface TypicalFaults {
  readonly inManifests: readonly Fault[];
  readonly inTraffic: readonly Fault[];
}

/** `backends`: what answers the requests that reach an endpoint. */
export async function typicalFaults({ ports: { http } }: Pick<Backends, 'ports'>): Promise<TypicalFaults> {
  const complete = ({ ingress = {}, others, probe = { path: '/' }, ...fault }: WrittenFault): Fault => {
    const { name } = fault;
    const own = writeIngress({ name, host: faultyHost(name), annotations: {}, paths: { '/': 'web' }, ...ingress });
    const objects = [own, ...(others ?? serviceAt(name, http))].map((object) => placeIn(name, object));
    return { ...fault, probe, objects };
  };
  const old = secretOf('pair', await issueExpired([faultyHost('expired')]));
  const elsewhere = secretOf('pair', await issue(['elsewhere.faults.test']));
  return {
    inManifests: manifestFaults(http, old, elsewhere).map(complete),
    inTraffic: trafficFaults(http).map(complete),
  };
}
