/** `tidegate logs`: where NGINX writes its logs, and the lines that it writes there, until Ctrl-C. */
import { open, stat } from 'node:fs/promises';
import type { Arguments } from '../flag-values.ts';
import { printableLines } from '../../types/printable.ts';
import { pause } from '../../time/pause.ts';
import { untilSignal } from '../until-signal.ts';
import { askOnce } from './controller-socket.ts';

interface LogFile {
  readonly name: string;
  readonly file: string;
}

const EVERY_MS = 250;
/** How many bytes at the end of each file are printed first. */
const TAIL = 4096;
/** Maximum number of bytes that are read at a time. */
const PIECE = 64 * 1024;

/** Prints new lines of a file. A file that was replaced or shortened is read from its beginning. */
function follower({ name, file }: LogFile, print: (text: string) => void): () => Promise<void> {
  let at: number | undefined;
  let inode: number | undefined;
  let rest = '';

  function take(text: string): void {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(-PIECE);
    for (const line of lines) print(`${name}: ${printableLines(line)}`);
  }

  return async () => {
    const now = await stat(file).catch(() => undefined);
    if (now === undefined) return;
    if (at === undefined) {
      at = Math.max(0, now.size - TAIL);
      // The piece may begin in the middle of a line.
      if (at > 0) rest = '…';
    } else if (inode !== now.ino || now.size < at) at = 0;
    inode = now.ino;
    if (at === now.size) return;
    const handle = await open(file);
    try {
      while (at < now.size) {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(PIECE, now.size - at)), 0, null, at);
        if (bytesRead === 0) break;
        at += bytesRead;
        take(buffer.toString('utf8', 0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  };
}

/** Returns 0 after a signal or if no log is a file, and 1 if no controller answers. */
export async function logsCommand(given: Arguments<'logs'>): Promise<number> {
  const logs = await askOnce(given, (client) => client.get('logs'));
  if (logs === undefined) return 1;
  const all = (['access', 'error'] as const).flatMap((name) => logs.value[name].map((log) => ({ name, ...log })));
  for (const { name, target, file } of all) {
    const elsewhere = target.startsWith('/dev/') ? '; in a cluster: kubectl logs POD -c nginx' : '';
    console.log(`${name} log: ${file ?? `${target}${elsewhere}`}`);
  }
  const files = all.flatMap(({ name, file }) => (file === null ? [] : [{ name, file }]));
  if (files.length === 0) return 0;
  const stopping = new AbortController();
  void untilSignal(['SIGINT', 'SIGTERM']).then(() => stopping.abort());
  const followers = files.map((file) => follower(file, (text) => console.log(text)));
  while (!stopping.signal.aborted) {
    for (const look of followers) await look();
    await pause(EVERY_MS, stopping.signal);
  }
  return 0;
}
