/**
 * An API server in this process. It implements as much of the REST API of Kubernetes as a controller and kubectl need,
 * and faults that a test can inject. Its objects are only in memory. It does not implement admission, RBAC, protobuf or
 * HTTP/2, and no validation except in defaults.ts.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { issue } from '../certificates.ts';
import { freePort } from '../runner/port.ts';
import { answerRequest, isAdmitted, readBody } from './api/answer.ts';
import type { Serving } from './api/answer.ts';
import { runCommand } from './api/control.ts';
import type { EmulatorControls } from './api/controls.ts';
import { createFaults } from './api/faults.ts';
import type { Scope } from './api/faults.ts';
import { createObjects, ensureNamespace } from './api/objects.ts';
import { servePortForward } from './api/port-forward.ts';
import { createRequestLog } from './api/request-log.ts';
import { createHandler } from './api/requests.ts';
import { createStore } from './api/store.ts';
import type { Stream } from './api/streams.ts';
import { issueServer } from './certificates.ts';
import { writeKubeconfig } from './kubeconfig.ts';

export type { Fault, Scope } from './api/faults.ts';
export type { ApiObject, JsonObject } from './api/object.ts';
export type { EmulatorControls } from './api/controls.ts';
export type { LoggedRequest, LogFilter, RequestLog } from './api/request-log.ts';

export interface EmulatorOptions {
  /** The port to listen on; by default a free one. */
  readonly port?: number;
  /** Serves HTTPS, with a generated certificate for 127.0.0.1 and localhost. */
  readonly tls?: boolean;
  /** The bearer token that every request must have. It must not contain `:`. */
  readonly token?: string;
  /** How many changes the emulator stores for watches that resume; 100,000 by default. */
  readonly historyLength?: number;
  /** Milliseconds between the bookmarks of a watch; 60,000 by default, as in the real server. */
  readonly bookmarkMs?: number;
  /** The first resourceVersion; 1,000 by default. */
  readonly revision?: number;
}

export interface Emulator extends EmulatorControls {
  /** `http://127.0.0.1:PORT`, or https. */
  readonly url: string;
  readonly port: number;
  /** PEM of the CA that signed the server's certificate; undefined without TLS. */
  readonly ca: string | undefined;
  readonly token: string | undefined;
  /** How many TCP connections were accepted so far. */
  connections(): number;
  revision(): number;
  /** Writes a kubeconfig for the emulator. `user` is the user's name in the log; it does not affect permissions. */
  writeKubeconfig(path: string, user?: string): void;
  stop(): Promise<void>;
}

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** The largest body of the control endpoint, in bytes. One command may load many objects. */
const MAX_COMMAND = 256 * 1024 * 1024;

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

async function createListener(
  tls: boolean,
  listener: RequestListener,
): Promise<{ server: Server; ca: string | undefined }> {
  // Go's HTTP server keeps idle connections open for minutes. Node's default of five seconds would close connections
  // that clients want to use again.
  const options = { keepAliveTimeout: 120_000 };
  if (!tls) return { server: createServer(options, listener), ca: undefined };
  const authority = await issue(['Emulator Authority'], undefined, true);
  const pair = await issueServer(authority);
  return { server: createTlsServer({ ...options, cert: pair.cert, key: pair.key }, listener), ca: authority.cert };
}

/** Starts an emulator on loopback. It contains the namespaces that exist in every cluster. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const store = createStore(options.historyLength ?? 100_000, options.revision ?? 1_000);
  const faults = createFaults();
  const { log, add } = createRequestLog(100_000);
  const streams = new Set<Stream>();
  const { token, bookmarkMs = 60_000, tls = false } = options;
  const serving: Serving = { store, faults, handle: createHandler(store), streams, bookmarkMs, token, log: add };
  for (const name of NAMESPACES) ensureNamespace(store, name);

  const { server, ca } = await createListener(tls, (request, response) => {
    if (request.url !== '/emulator') return void answerRequest(serving, request, response);
    void readBody(request, MAX_COMMAND)
      .then((body) => response.end(JSON.stringify(runCommand(controls, JSON.parse(body)))))
      .catch((error: unknown) => response.writeHead(400).end(String(error)));
  });
  const port = options.port ?? (await freePort());
  const forwarded = new Set<Duplex>();
  server.on('upgrade', (request, socket) => {
    forwarded.add(socket);
    socket.on('close', () => forwarded.delete(socket));
    servePortForward({ store, faults, admits: (given) => isAdmitted(serving, given) }, request, socket);
  });
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await listen(server, port);

  function streamsOf({ resource }: Scope = {}): Stream[] {
    return [...streams].filter((stream) => resource === undefined || stream.resource === resource);
  }
  function each(given: Scope | undefined, act: (stream: Stream) => void): number {
    const chosen = streamsOf(given);
    for (const stream of chosen) act(stream);
    return chosen.length;
  }
  let stopped = false;
  async function close(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    for (const socket of forwarded) socket.destroy();
    await closed;
  }
  const controls: EmulatorControls = {
    ...createObjects(store),
    log,
    fault: (given) => faults.add(given),
    clearFaults: () => faults.clear(),
    dropWatches: (given) => each(given, (stream) => stream.drop()),
    endWatches: (given) => each(given, (stream) => stream.end()),
    silenceWatches: (given) => each(given, (stream) => stream.silence()),
    watches: (given) => streamsOf(given).length,
    watchesFor: (ms) => streamsOf().filter(({ openedAt }) => performance.now() - openedAt >= ms).length,
    compact: () => store.compact(),
    restart(revision) {
      store.restore(revision);
      server.closeAllConnections();
    },
    async refuse(ms) {
      await close();
      await sleep(ms);
      if (!stopped && !server.listening) await listen(server, port);
    },
  };
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  return {
    ...controls,
    url,
    port,
    ca,
    token,
    connections: () => connections,
    revision: () => store.revision(),
    // Without credentials, kubectl prompts for a password.
    writeKubeconfig: (path, user) => {
      const bearer = token ?? 'anybody';
      writeKubeconfig(path, { server: url, ca, token: user === undefined ? bearer : `${bearer}:${user}` });
    },
    async stop() {
      stopped = true;
      await close();
    },
  };
}
