/** The run directory: its layout, and the checks that make it safe to use. */
import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { access, chmod, chown, lstat, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

export interface RunPaths {
  readonly root: string;
  /** nginx.conf, candidates, live.data, files: written by the controller, read by NGINX's master. */
  readonly conf: string;
  readonly nginxConf: string;
  readonly liveData: string;
  readonly files: string;
  /** Prefix of NGINX: what it writes. */
  readonly run: string;
  readonly master: string;
  readonly errorLog: string;
  readonly socket: string;
  /** The controller's own. */
  readonly controller: string;
  readonly lock: string;
  readonly startLog: string;
  /** Prefix of `nginx -t` if the controller cannot write to NGINX's own. */
  readonly check: string;
}

/** sun_path holds 108 bytes, the last of which is a zero. */
const SOCKET_PATH_MAX = 107;

/** Control characters, including DEL, would break log lines. */
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Paths below a run directory, which may have any name without control characters: if the name could not be unquoted in
 * nginx.conf, its contents are named relative to NGINX's working directory (`runNames` of render). Throws if the path
 * of the API's socket would be too long for the kernel, which counts bytes.
 */
export function runPaths(runDir: string): RunPaths {
  const root = resolve(runDir);
  if (root === '/' || CONTROL.test(root)) {
    const why = root === '/' ? 'is the root of the file system' : 'holds a control character';
    throw new Error(`run directory ${JSON.stringify(root)} ${why}; name another, such as /run/tidegate`);
  }
  const socket = join(root, 'run/api/live.sock');
  const length = Buffer.byteLength(socket);
  if (length > SOCKET_PATH_MAX) {
    const most = SOCKET_PATH_MAX - '/run/api/live.sock'.length;
    throw new Error(
      `run directory ${root}: at most ${most} bytes, such as /run/tidegate, because a unix socket lies below it`,
    );
  }
  return {
    root,
    conf: join(root, 'conf'),
    nginxConf: join(root, 'conf/nginx.conf'),
    liveData: join(root, 'conf/live.data'),
    files: join(root, 'conf/files'),
    run: join(root, 'run'),
    master: join(root, 'run/master'),
    errorLog: join(root, 'run/error.log'),
    socket,
    controller: join(root, 'controller'),
    lock: join(root, 'controller/lock'),
    startLog: join(root, 'controller/start.log'),
    check: join(root, 'controller/check'),
  };
}

/**
 * Creates what is missing and sets the modes: workers of another user may pass through the root and the prefix, but the
 * API's folder and the controller's own belong to one user. So does conf (private keys), which the workers' group may
 * pass through; its files get that group, which may read passwords and nothing else. Throws on a symlink, on something
 * that is not a directory, on a directory of another user, and if `workerUser` (null: NGINX has one user) could not
 * reach it: request bodies are written to files below it.
 */
export async function prepareRunDir(paths: RunPaths, workerUser: string | null): Promise<void> {
  await mkdir(paths.root, { recursive: true, mode: 0o711 });
  if (workerUser !== null) await reachableBy(workerUser, dirname(paths.root));
  const group = workerUser === null ? undefined : await groupOf(workerUser);
  for (const [folder, mode] of [
    [paths.root, 0o711],
    [paths.run, 0o711],
    [join(paths.run, 'api'), 0o700],
    [paths.controller, 0o700],
  ] as const) {
    await ownDirectory(folder, mode);
  }
  await ownDirectory(paths.conf, group === undefined ? 0o700 : 0o710, group);
  // Files created there inherit the group of the folder.
  await ownDirectory(paths.files, group === undefined ? 0o700 : 0o2710, group);
}

/** Id of the group of NGINX's workers, which has the name of their user unless nginx.conf says otherwise. */
async function groupOf(user: string): Promise<number | undefined> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  const entry = groups.split('\n').find((line) => line.startsWith(`${user}:`));
  return entry === undefined ? undefined : Number(entry.split(':')[2]);
}

async function reachableBy(user: string, folder: string): Promise<void> {
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) {
    throw new Error(
      `run directory: NGINX's workers run as ${user} and cannot pass through ${folder}; name another, such as /run/tidegate`,
    );
  }
  if (dirname(folder) !== folder) await reachableBy(user, dirname(folder));
}

/**
 * `prepareRunDir` for a Pod, where conf and controller are volumes that belong to another user and are writable for a
 * group, and `run` is NGINX's: nothing is created or changed there. Throws if one is not a directory, or is read-only.
 */
export async function prepareVolumes(paths: RunPaths): Promise<void> {
  for (const folder of [paths.conf, paths.controller]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await realDirectory(folder);
    await access(folder, constants.W_OK | constants.X_OK).catch((error: unknown) => {
      throw new Error(`run directory: ${folder} cannot be written: ${String(error)}; mount a volume there`, {
        cause: error,
      });
    });
  }
  for (const folder of [paths.files, paths.check, join(paths.check, 'api')]) await ownDirectory(folder, 0o700);
}

async function ownDirectory(folder: string, mode: number, group?: number): Promise<void> {
  await mkdir(folder, { mode }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  const entry = await realDirectory(folder);
  const uid = process.geteuid?.();
  if (uid !== undefined && entry.uid !== uid) {
    throw new Error(
      `run directory: ${folder} belongs to user ${entry.uid}, and this is user ${uid}; name a directory of your own`,
    );
  }
  // In this order: changing the group clears set-group-ID.
  if (group !== undefined && entry.gid !== group) await chown(folder, entry.uid, group);
  if (group !== undefined || (entry.mode & 0o7777) !== mode) await chmod(folder, mode);
}

async function realDirectory(folder: string): Promise<Stats> {
  const entry = await lstat(folder);
  if (entry.isDirectory()) return entry;
  throw new Error(
    `run directory: ${folder} is ${entry.isSymbolicLink() ? 'a symbolic link' : 'no directory'}; name a directory, such as /run/tidegate`,
  );
}
