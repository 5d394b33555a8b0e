/**
 * Runs pods as the image's user instead of root. NGINX's workers then have the same user as their master, so that they
 * may send signals to it and read its files.
 */
import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';

/** The user of the image. */
const UID = 101;
const isRoot = process.getuid?.() === 0;
const PREFIX = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups', '--'];

/** A command line that runs `command` as the pods' user or, if the current user is not root, as the current user. */
export function asPodUser(command: readonly string[]): { readonly file: string; readonly args: readonly string[] } {
  const [file = '', ...args] = isRoot ? [...PREFIX, ...command] : command;
  return { file, args };
}

/** Makes the pods' user the owner of a file or folder. */
export function giveToPodUser(path: string): void {
  if (isRoot) chownSync(path, UID, UID);
}

/** Throws if the pods' user cannot read the checkout, for example because it is in root's home directory. */
export function checkReadable(path: string): void {
  const { file, args } = asPodUser(['test', '-r', path]);
  if (spawnSync(file, args).status === 0) return;
  throw new Error(
    `${path} cannot be read by uid ${UID}, the user of the pods: move the checkout out of a private folder, or run the tests as a user`,
  );
}
