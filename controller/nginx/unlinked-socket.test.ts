import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLiveApi } from './live-api.ts';
import { unlinkedSocket } from './unlinked-socket.ts';

let folder: string;
let server: Server;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-socket-'));
  await mkdir(join(folder, 'api'));
  server = createServer((_, answer) => answer.end('b:shop/web/80 0\n'));
  await once(server.listen(join(folder, 'api/live.sock')), 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

/** The keys that the server returned, or the error message. */
async function keys(): Promise<string> {
  const path = join(folder, 'api/live.sock');
  const api = createLiveApi(path, 1000, unlinkedSocket(path, 1000));
  const answer = await api.keys();
  await api.close();
  return answer.ok ? [...answer.value.keys()].join(' ') : answer.message.replaceAll(folder, '');
}

test('connects to the socket, and leaves no file descriptor open', async () => {
  const before = readdirSync('/proc/self/fd').length;
  for (let turn = 0; turn < 5; turn += 1) expect(await keys()).toBe('b:shop/web/80');
  expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before + 2);
});

test('does not follow a symbolic link that replaces the socket', async () => {
  await rename(join(folder, 'api/live.sock'), join(folder, 'other.sock'));
  await symlink('../other.sock', join(folder, 'api/live.sock'));
  expect(await keys()).toContain('/api/live.sock is not a socket');
});

test('does not follow a symbolic link that replaces the folder of the socket', async () => {
  await rename(join(folder, 'api'), join(folder, 'other'));
  await symlink('other', join(folder, 'api'));
  expect(await keys()).toContain('/api/live.sock: ENOTDIR');
});

test('reports the path of the socket if the path does not exist or is not a socket', async () => {
  server.close();
  await once(server, 'close');
  expect(await keys()).toContain('/api/live.sock: ENOENT');
  await writeFile(join(folder, 'api/live.sock'), '');
  expect(await keys()).toContain('/api/live.sock is not a socket');
});
