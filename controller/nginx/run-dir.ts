/** The run directory: its paths, its permissions, and the checks that make it safe to use. */
import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { access, chmod, chown, lstat, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

export interface RunPaths {
  readonly root: string;
  /**
   * Folder of nginx.conf, candidates, live.data and files. The controller writes them, and NGINX's master reads them.
   */
  readonly conf: string;
  readonly nginxConf: string;
  readonly liveData: string;
  readonly files: string;
  /** Files that njs reads for TCP and UDP connections. */
  readonly streams: string;
  /** Prefix of NGINX, to which NGINX writes. */
  readonly run: string;
  readonly master: string;
  readonly errorLog: string;
  readonly socket: string;
  /** Folder that only the controller uses. */
  readonly controller: string;
  readonly lock: string;
  readonly startLog: string;
  /** Prefix of `nginx -t` if the controller cannot write to NGINX's prefix. */
  readonly check: string;
}

/** Longest path of a unix socket. The kernel's field `sun_path` has 108 bytes, of which the last is a zero. */
const SOCKET_PATH_MAX = 107;

/** Control characters, including DEL. They are refused because they would break log lines. */
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Paths below a run directory, whose name may contain any characters except control characters. If nginx.conf cannot
 * contain the name without quotes, nginx.conf names files relative to NGINX's working directory (`runNames` in
 * controller/render). Throws if the path of the API's socket would have too many bytes for the kernel.
 */
export function runPaths(runDir: string): RunPaths {
  const root = resolve(runDir);
  if (root === '/' || CONTROL.test(root)) {
    const why = root === '/' ? 'is the root of the file system' : 'contains a control character';
    throw new Error(`run directory ${JSON.stringify(root)} ${why}; name another directory, such as /run/tidegate`);
  }
  const socket = join(root, 'run/api/live.sock');
  const length = Buffer.byteLength(socket);
  if (length > SOCKET_PATH_MAX) {
    const most = SOCKET_PATH_MAX - '/run/api/live.sock'.length;
    throw new Error(
      `run directory ${root}: the path must have at most ${most} bytes, because the directory contains a unix socket; name another directory, such as /run/tidegate`,
    );
  }
  return {
    root,
    conf: join(root, 'conf'),
    nginxConf: join(root, 'conf/nginx.conf'),
    liveData: join(root, 'conf/live.data'),
    files: join(root, 'conf/files'),
    streams: join(root, 'conf/streams'),
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
 * Creates missing folders and sets their modes. Workers that run as another user may pass through the root and the
 * prefix, but not through the folders of the API and of the controller. The folder conf is closed to other users too,
 * because it contains private keys; but the workers' group may pass through it and read password files and the files
 * for TCP and UDP connections, and nothing else. Throws if a path is a symbolic link, is not a directory or belongs to
 * another user. Also throws if `workerUser` (null if the workers run as the master's user) cannot reach the run
 * directory, because the workers write request bodies to files in it.
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
  await ownDirectory(join(paths.run, 'tls'), group === undefined ? 0o700 : 0o710, group);
  await ownDirectory(paths.conf, group === undefined ? 0o700 : 0o710, group);
  // Files created in these folders inherit their group.
  for (const folder of [paths.files, paths.streams])
    await ownDirectory(folder, group === undefined ? 0o700 : 0o2710, group);
}

/**
 * Id of the group of NGINX's workers. NGINX uses the group with the name of the workers' user unless nginx.conf names
 * another.
 */
async function groupOf(user: string): Promise<number | undefined> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  const entry = groups.split('\n').find((line) => line.startsWith(`${user}:`));
  return entry === undefined ? undefined : Number(entry.split(':')[2]);
}

async function reachableBy(user: string, folder: string): Promise<void> {
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) {
    throw new Error(
      `run directory: NGINX's workers run as ${user} and cannot pass through ${folder}; name another run directory, such as /run/tidegate`,
    );
  }
  if (dirname(folder) !== folder) await reachableBy(user, dirname(folder));
}

/**
 * Replaces `prepareRunDir` in a Pod. There, conf and controller are volumes that belong to another user and are
 * writable for a group; `run` belongs to NGINX's container, so nothing in it is created or changed. Throws if a volume
 * is not a directory, or is read-only.
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
  for (const folder of [paths.files, paths.streams, paths.check, join(paths.check, 'api'), join(paths.check, 'tls')])
    await ownDirectory(folder, 0o700);
}

async function ownDirectory(folder: string, mode: number, group?: number): Promise<void> {
  await mkdir(folder, { mode }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  const entry = await realDirectory(folder);
  const uid = process.geteuid?.();
  if (uid !== undefined && entry.uid !== uid) {
    throw new Error(
      `run directory: ${folder} belongs to user ${entry.uid}, but this process runs as user ${uid}; name a directory ` +
        'of your own',
    );
  }
  // The mode is set after the group, because changing the group clears the set-group-ID bit.
  if (group !== undefined && entry.gid !== group) await chown(folder, entry.uid, group);
  if (group !== undefined || (entry.mode & 0o7777) !== mode) await chmod(folder, mode);
}

async function realDirectory(folder: string): Promise<Stats> {
  const entry = await lstat(folder);
  if (entry.isDirectory()) return entry;
  throw new Error(
    `run directory: ${folder} is ${entry.isSymbolicLink() ? 'a symbolic link' : 'not a directory'}; name a directory, such as /run/tidegate`,
  );
}
