/**
 * Turning TLS passthrough off: workers of the former configuration may still proxy TLS
 * connections to a socket (controller/render/tls-listener.ts) until they have ended or passed on the last connection
 * that they accepted. So HTTP servers listen on that socket for a while longer.
 */
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { RenderOptions } from '../render/options.ts';
import { runNames } from '../render/run-names.ts';
import type { BuildArguments } from './stages.ts';

/** As long as a client may take to send the first bytes of its handshake: NGINX's preread_timeout. */
export const FORMER_SOCKET_MS = 30_000;

/** Whether an NGINX that was started earlier proxies TLS connections to the socket, and will not do so anymore. */
export async function usesFormerSocket(
  { enableSslPassthrough }: Pick<BuildArguments, 'enableSslPassthrough'>,
  options: RenderOptions,
): Promise<boolean> {
  if (enableSslPassthrough) return false;
  const socket = path.resolve(options.runDirectory, 'run', runNames(options).tlsSocket);
  return access(socket).then(
    () => true,
    () => false,
  );
}
