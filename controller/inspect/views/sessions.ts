/** The sessions of TCP and UDP services and of TLS passthrough. */
import type { EntrySessions } from '../../types/session-metrics.ts';
import type { SessionsItem } from '../schema/sessions.ts';

export function sessionsItem({ labels, statuses, ...sums }: EntrySessions): SessionsItem {
  const { service_port: servicePort, ...others } = labels;
  return { ...others, servicePort, statuses: Object.fromEntries(statuses), ...sums };
}
