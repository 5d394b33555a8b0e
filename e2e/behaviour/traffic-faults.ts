/** Typical faults that only requests show. */
import { ANNOTATION_PREFIX } from '../runner/object.ts';
import { serviceAt, type WrittenFault } from './typical-fault.ts';

/** Nothing listens on this port. */
const DEAD_PORT = 9;

export function trafficFaults(port: number): readonly WrittenFault[] {
  const authBy = (name: string, authPort: number) => ({
    ingress: { annotations: { 'auth-url': `http://auth.${name}.svc.cluster.local/verify` } },
    others: [...serviceAt(name, port), ...serviceAt(name, authPort, 'auth')],
  });
  return [
    {
      name: 'down',
      wrong: 'the container does not listen on the target port',
      field: `${ANNOTATION_PREFIX}backend-protocol`,
      cause: /endpoints refuse connections/,
      others: serviceAt('down', DEAD_PORT),
      gets: { status: 502, reason: 'backend-refused' },
    },
    {
      name: 'plain',
      wrong: '`backend-protocol: HTTPS`, and the container speaks plain HTTP',
      field: `${ANNOTATION_PREFIX}backend-protocol`,
      cause: /their TLS handshake fails/,
      ingress: { annotations: { 'backend-protocol': 'HTTPS' } },
      gets: { status: 502, reason: 'backend-refused' },
    },
    {
      name: 'list',
      wrong: 'the address of the client is not on the list',
      field: `${ANNOTATION_PREFIX}allowlist-source-range`,
      cause: /the addresses of their clients are not on the list/,
      ingress: { annotations: { 'allowlist-source-range': '192.0.2.0/24' } },
      gets: { status: 403, reason: 'denied-by-list' },
    },
    {
      name: 'auth-down',
      wrong: 'the authentication service does not answer',
      field: `${ANNOTATION_PREFIX}auth-url`,
      cause: /the authentication service does not answer/,
      ...authBy('auth-down', DEAD_PORT),
      gets: { status: 500, reason: 'auth-unreachable' },
    },
    {
      name: 'auth-refuses',
      wrong: 'the authentication service refuses the request',
      field: `${ANNOTATION_PREFIX}auth-url`,
      cause: /the authentication service refuses them/,
      ...authBy('auth-refuses', port),
      probe: { path: '/', headers: { 'verify-status': '401' } },
      gets: { status: 401, reason: 'auth-refused' },
    },
    {
      name: 'body',
      wrong: 'the body is too large',
      field: `${ANNOTATION_PREFIX}proxy-body-size`,
      cause: /their bodies are larger than proxy-body-size/,
      ingress: { annotations: { 'proxy-body-size': '1k' } },
      probe: { path: '/', headers: { 'Content-Length': '2000' } },
      gets: { status: 413, reason: 'body-too-large' },
    },
    {
      name: 'timeout',
      wrong: 'the container takes too long',
      field: `${ANNOTATION_PREFIX}proxy-read-timeout`,
      cause: /endpoints do not answer within proxy-read-timeout/,
      ingress: { annotations: { 'proxy-read-timeout': '1' } },
      probe: { path: '/', headers: { 'echo-delay': '2500' } },
      gets: { status: 504, reason: 'backend-timeout' },
    },
    {
      name: 'limit',
      wrong: 'the client sends too many requests',
      field: `${ANNOTATION_PREFIX}limit-rpm`,
      cause: /their clients send more of them than limit-rps or limit-rpm allows/,
      ingress: { annotations: { 'limit-rpm': '1', 'limit-burst-multiplier': '0' } },
      probe: { path: '/', times: 2 },
      gets: { status: 503, reason: 'limited:requests' },
    },
  ];
}
