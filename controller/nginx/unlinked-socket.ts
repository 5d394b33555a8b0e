/**
 * Connects to a socket in a folder that another user can write to, without following symbolic links of that user. The
 * socket is opened, checked and connected to through /proc/self/fd, so that it cannot be replaced between these steps.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import type { buildConnector } from 'undici';

/** Flag of open(2) that opens a path without access to the content. Node does not export it. */
const O_PATH = 0o10000000;

/** Returns a connector of undici for the socket at `path`. Neither the socket nor its folder may be a symbolic link. */
export function unlinkedSocket(path: string, timeoutMs: number): buildConnector.connector {
  return (_, callback) => {
    let socket: Socket;
    try {
      socket = connectTo(path);
    } catch (error) {
      // The system's message is not used, because it names a descriptor instead of the path.
      const { code } = error as NodeJS.ErrnoException;
      callback(code === undefined ? (error as Error) : new Error(`${path}: ${code}`, { cause: error }), null);
      return;
    }
    const timer = setTimeout(
      () => socket.destroy(new Error(`${path}: no connection within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const fail = (error: Error): void => {
      clearTimeout(timer);
      callback(error, null);
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      callback(null, socket);
    });
  };
}

function connectTo(path: string): Socket {
  const folder = openSync(dirname(path), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const place = openSync(`/proc/self/fd/${folder}/${basename(path)}`, O_PATH | constants.O_NOFOLLOW);
    try {
      if (!fstatSync(place).isSocket()) throw new Error(`${path} is not a socket`);
      // The kernel resolves the path during this call, so the descriptor can be closed afterwards.
      return connect(`/proc/self/fd/${place}`);
    } finally {
      closeSync(place);
    }
  } finally {
    closeSync(folder);
  }
}
