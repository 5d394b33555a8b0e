/**
 * Pods do not run as root: NGINX's workers then have the user of their master, and may signal it and read its files.
 */
import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';

/** The user of the image. */
const UID = 101;
const isRoot = process.getuid?.() === 0;
const PREFIX = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups', '--'];

/** A command line that runs `command` as the pods' user; as the current user if that is not root. */
export function asPodUser(command: readonly string[]): { readonly file: string; readonly args: readonly string[] } {
  const [file = '', ...args] = isRoot ? [...PREFIX, ...command] : command;
  return { file, args };
}

/** Gives a file or folder to the pods' user. */
export function giveToPodUser(path: string): void {
  if (isRoot) chownSync(path, UID, UID);
}

/** Throws if the pods' user cannot read the checkout, as below root's home directory. */
export function checkReadable(path: string): void {
  const { file, args } = asPodUser(['test', '-r', path]);
  if (spawnSync(file, args).status === 0) return;
  throw new Error(
    `${path} cannot be read by uid ${UID}, the user of the pods: move the checkout out of a private folder, or run the tests as a user`,
  );
}
