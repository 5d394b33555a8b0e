import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { portOwner } from '../controller/cli/port-owner.ts';

export interface Backend {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** The servers that the EndpointSlices of the example manifests point to. */
export const backends: readonly Backend[] = [
  { name: 'tea', address: '127.0.0.1', port: 7101 },
  { name: 'coffee', address: '127.0.0.1', port: 7102 },
  { name: 'coffee', address: '127.0.0.2', port: 7102 },
  { name: 'echo', address: '127.0.0.1', port: 7103 },
];

/** A response header that lets a second `npm start` recognize the server on an occupied port as the same example. */
const SERVED_BY = 'x-served-by';

export interface StartedBackends {
  /** One sentence for each backend that could not be started, for example because another program uses its port. */
  readonly problems: readonly string[];
  /** Backends that another run of the examples already serves. */
  readonly shared: readonly Backend[];
  readonly close: () => Promise<void>;
}

/**
 * Starts all backends that are not running yet. Backends that could be started keep running even if `problems` is not
 * empty.
 */
export async function startBackends(wanted: readonly Backend[] = backends): Promise<StartedBackends> {
  const servers: Server[] = [];
  const problems: string[] = [];
  const shared: Backend[] = [];
  for (const backend of wanted) {
    const server = createServer((request, response) => answer(backend, request, response));
    const error = await listen(server, backend);
    if (!error) servers.push(server);
    else if (error.code === 'EADDRINUSE' && (await isSameExample(backend))) shared.push(backend);
    else problems.push(explain(backend, error));
  }
  return { problems, shared, close: () => closeAll(servers) };
}

function listen(server: Server, { address, port }: Backend): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(port, address, () => resolve(undefined));
  });
}

async function isSameExample({ name, address, port }: Backend): Promise<boolean> {
  try {
    const response = await fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(1000) });
    await response.text();
    return response.headers.get(SERVED_BY) === `${name} ${address}:${port}`;
  } catch {
    // No HTTP response: another program uses the port.
    return false;
  }
}

function explain({ name, address, port }: Backend, error: NodeJS.ErrnoException): string {
  const where = `the example backend ${name} needs ${address}:${port}`;
  if (error.code !== 'EADDRINUSE') return `${where}: ${error.message}`;
  const owner = portOwner(port);
  const who = owner ? `${owner.command} (pid ${owner.pid})` : 'a process of another user';
  return `${where}, which is in use by ${who}. Stop that process, or change the port in examples/backends.ts and in the EndpointSlice of ${name}`;
}

/** Responds with the request itself: an operator wants to see path and headers as the backend receives them. */
function answer(backend: Backend, request: IncomingMessage, response: ServerResponse): void {
  const self = `${backend.name} ${backend.address}:${backend.port}`;
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}\n`);
  request.resume();
  response.writeHead(200, { 'content-type': 'text/plain', [SERVED_BY]: self });
  response.end(`${self}\n${request.method} ${request.url}\n${headers.join('')}`);
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(async (server) => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    }),
  );
}
