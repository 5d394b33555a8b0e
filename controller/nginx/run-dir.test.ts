import { spawnSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFiles } from './install.ts';
import { prepareRunDir, prepareVolumes, runPaths } from './run-dir.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-run-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each(['/tmp/with space', '/tmp/semi;colon', '/tmp/quote"', "/tmp/it's", '/tmp/$x', '/tmp/ü'])(
  'a run directory is accepted even if nginx.conf can contain its name only in quotes: %s',
  (name) => {
    expect(runPaths(name).nginxConf).toBe(`${name}/conf/nginx.conf`);
  },
);

test.each(['/', '/tmp/a\nb', '/tmp/a\u007fb'])(
  'a run directory is refused if it is / or its name contains a control character: %j',
  (name) => {
    expect(() => runPaths(name)).toThrow(/such as \/run\/tidegate/);
  },
);

test('a run directory is refused if the path of the socket in it has too many bytes', () => {
  expect(() => runPaths(`/tmp/${'x'.repeat(84)}`)).not.toThrow();
  expect(() => runPaths(`/tmp/${'x'.repeat(85)}`)).toThrow(/at most 89 bytes/);
  expect(() => runPaths(`/tmp/${'ü'.repeat(43)}`)).toThrow(/at most 89 bytes/);
});

async function mode(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

test("workers of another user may pass through the run directory, but not read the controller's files", async () => {
  const paths = runPaths(join(folder, 'deep/run'));
  await prepareRunDir(paths, null);
  expect(
    await Promise.all(
      [paths.root, paths.run, paths.conf, paths.files, paths.controller, join(paths.run, 'api')].map(mode),
    ),
  ).toEqual(['711', '711', '700', '700', '700', '700']);
});

test('a run directory is refused if it or one of its folders is a symbolic link or a file', async () => {
  await symlink('/tmp', join(folder, 'link'));
  await expect(prepareRunDir(runPaths(join(folder, 'link')), null)).rejects.toThrow(/symbolic link/);
  await mkdir(join(folder, 'inner'));
  await symlink('/tmp', join(folder, 'inner/conf'));
  await expect(prepareRunDir(runPaths(join(folder, 'inner')), null)).rejects.toThrow(/inner\/conf is a symbolic link/);
  await mkdir(join(folder, 'file'));
  await writeFile(join(folder, 'file/run'), '');
  await expect(prepareRunDir(runPaths(join(folder, 'file')), null)).rejects.toThrow(/not a directory/);
});

test.runIf(process.getuid?.() === 0)('a run directory that belongs to another user is refused', async () => {
  await mkdir(join(folder, 'theirs'));
  await chown(join(folder, 'theirs'), 65534, 65534);
  await expect(prepareRunDir(runPaths(join(folder, 'theirs')), null)).rejects.toThrow(/belongs to user 65534/);
});

test.runIf(process.geteuid?.() === 0)(
  'if the workers cannot pass through a folder, the message names this folder',
  async () => {
    await chmod(folder, 0o700);
    await expect(prepareRunDir(runPaths(join(folder, 'run')), 'www-data')).rejects.toThrow(
      `www-data and cannot pass through ${folder}`,
    );
    await chmod(folder, 0o711);
    await expect(prepareRunDir(runPaths(join(folder, 'run')), 'www-data')).resolves.toBeUndefined();
  },
);

test.runIf(process.geteuid?.() === 0)('workers may read password files, and no other files', async () => {
  const paths = runPaths(join(folder, 'run'));
  await chmod(folder, 0o711);
  await prepareRunDir(paths, 'www-data');
  await writeFiles(
    paths,
    new Map([
      ['a.htpasswd', 'a'],
      ['b.pem', 'b'],
    ]),
  );
  const asWorker = (...command: string[]) =>
    spawnSync('setpriv', ['--reuid=www-data', '--regid=www-data', '--clear-groups', ...command], { encoding: 'utf8' });
  expect(asWorker('cat', join(paths.files, 'a.htpasswd'))).toMatchObject({ status: 0, stdout: 'a' });
  expect(asWorker('cat', join(paths.files, 'b.pem'))).toMatchObject({ status: 1, stdout: '' });
  expect(asWorker('ls', paths.files).status).not.toBe(0);
  expect(asWorker('ls', paths.conf).status).not.toBe(0);
});

test("volumes of another user are used unchanged, and nothing is created in NGINX's volume", async () => {
  const paths = runPaths(folder);
  for (const volume of [paths.conf, paths.run, paths.controller]) {
    await mkdir(volume);
    await chmod(volume, 0o777);
    if (process.getuid?.() === 0) await chown(volume, 65534, 65534);
  }
  await prepareVolumes(paths);
  expect(await Promise.all([paths.conf, paths.run, paths.controller, paths.files, paths.check].map(mode))).toEqual([
    '777',
    '777',
    '777',
    '700',
    '700',
  ]);
  expect(await readdir(paths.run)).toEqual([]);
});

test('a volume that is a symbolic link is refused', async () => {
  await symlink('/tmp', join(folder, 'conf'));
  await expect(prepareVolumes(runPaths(folder))).rejects.toThrow(/conf is a symbolic link/);
});
