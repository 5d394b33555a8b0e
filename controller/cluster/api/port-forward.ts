/** Connections to ports of Pods through the API server, as `kubectl port-forward` makes them. */
import { Duplex, PassThrough, Writable } from 'node:stream';
import { type ApiOptions, loadKubeConfig } from './credentials.ts';

export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  /** A port on the loopback address of the Pod: the kubelet connects within the Pod's network. */
  readonly port: number;
}

/** Opens one connection. If that fails, the stream is destroyed with an error that says what to do. */
export type OpenPodPort = (to: PodPort) => Duplex;

/** The part of a WebSocket that is used here. The package that client-node takes it from has no types. */
interface WebSocketLike {
  readonly addEventListener: (event: 'close', listener: () => void) => void;
  readonly close: () => void;
}

/** Rejects with a message for the operator if no API server is configured or if a file cannot be read. */
export async function loadPortForward(options: ApiOptions): Promise<OpenPodPort> {
  const client = await import('@kubernetes/client-node');
  const config = await loadKubeConfig(options);
  return (to) => {
    const [received, sent] = [new PassThrough(), new PassThrough()];
    const connection = Duplex.from({ readable: received, writable: sent });
    const failures = new Writable({
      write: (text: Buffer, _, done) => {
        if (text.length > 0) connection.destroy(new Error(closedText(to, text.toString('utf8'))));
        done();
      },
    });
    new client.PortForward(config).portForward(to.namespace, to.pod, [to.port], received, failures, sent).then(
      (opened: unknown) => {
        const socket = opened as WebSocketLike;
        socket.addEventListener('close', () => received.end());
        connection.once('close', () => socket.close());
      },
      (error: unknown) => connection.destroy(new Error(refusalText(to, error))),
    );
    return connection;
  };
}

const MOST_CHARACTERS = 300;

/** The message if the kubelet could not connect to the port. */
function closedText({ namespace, pod, port }: PodPort, said: string): string {
  return (
    `port ${port} of Pod ${namespace}/${pod} cannot be reached: ${said.trim().slice(0, MOST_CHARACTERS)}; the controller ` +
    'listens there only with --inspection-port, which controller.inspectionPort of the chart sets'
  );
}

/** The message if the API server refused the upgrade to a WebSocket, or if there was no response. */
function refusalText({ namespace, pod }: PodPort, error: unknown): string {
  const { message = String(error) } = (error ?? {}) as { readonly message?: string };
  const [, status = ''] = /server response: (\d{3})/.exec(message) ?? [];
  if (status === '403' || status === '401')
    return (
      `the API server refuses a connection to Pod ${namespace}/${pod} (${status}): the user of the kubeconfig needs the ` +
      `verbs get and create on pods/portforward in the namespace ${namespace}`
    );
  if (status === '404') return `Pod ${namespace}/${pod} does not exist`;
  return `the API server opened no connection to Pod ${namespace}/${pod}: ${message}`;
}
