/** Pods do not run as root: NGINX's workers are then the user of their master, who may signal it and read its files. */
import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';

/** The user of the image. */
const UID = 101;
const isRoot = process.getuid?.() === 0;
const PREFIX = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups', '--'];

/** A command line that runs `command` as the pods' user; as whoever runs the tests where that is not root. */
export function asPodUser(command: readonly string[]): { readonly file: string; readonly args: readonly string[] } {
  const [file = '', ...args] = isRoot ? [...PREFIX, ...command] : command;
  return { file, args };
}

/** Makes a file or folder that of the pods' user. */
export function giveToPodUser(path: string): void {
  if (isRoot) chownSync(path, UID, UID);
}

/** Throws where the pods' user cannot read the checkout, as below a home directory of root. */
export function checkReadable(path: string): void {
  const { file, args } = asPodUser(['test', '-r', path]);
  if (spawnSync(file, args).status === 0) return;
  throw new Error(
    `${path} cannot be read by uid ${UID}, as which pods run: move the checkout out of a private folder, or run the tests as a user`,
  );
}
