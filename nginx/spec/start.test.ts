/** start.sh starts only one NGINX in a run directory, whatever a previous NGINX has left behind. */
import type { ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBackend } from './backends.ts';
import type { Backend } from './backends.ts';
import { runStart, startFixture, until } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { endpoints, liveFile, route } from './live.ts';
import { isAlive } from './processes.ts';

const ID = '00000000000000ff';

let nginx: Fixture;
let backend: Backend;

beforeEach(async () => {
  backend = await startBackend('one');
  const live = liveFile({ 'b:shop/web/80': endpoints(backend.port), [`r:${ID}`]: route('shop/web/80') });
  nginx = await startFixture({ live });
});

afterEach(async () => {
  await nginx?.stop();
  await backend?.close();
});

/** Exit code and output of a start.sh that does not start NGINX. */
async function failedStart(run: string, env: Record<string, string> = {}): Promise<[number | null, string]> {
  const child: ChildProcess = runStart(run, env);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until('start.sh to end', () => (child.exitCode === null && child.signalCode === null ? undefined : true));
  return [child.exitCode, said];
}

/** Whether the process still runs the script, and not NGINX, after this many milliseconds. */
async function waitedFor(child: ChildProcess, ms: number): Promise<boolean> {
  await sleep(ms);
  return child.exitCode === null && readFileSync(`/proc/${child.pid}/comm`, 'utf8') !== 'nginx\n';
}

describe('start.sh', () => {
  it('replaces itself with NGINX, and records the pid and start time of NGINX', () => {
    const [pid = '', started] = readFileSync(join(nginx.run, 'run/master'), 'utf8').trim().split(' ');
    expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('nginx\n');
    expect(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')[19],
    ).toBe(started);
    expect(statSync(join(nginx.run, 'run/api')).mode & 0o777).toBe(0o700);
    expect(existsSync(join(nginx.run, 'run/nginx.pid'))).toBe(true);
  });

  it('refuses to start a second NGINX in the same run directory, even through a symbolic link', async () => {
    const pid = nginx.master();
    expect(await failedStart(nginx.run)).toEqual([
      3,
      `tidegate start: NGINX is already running on ${nginx.run} with pid ${pid}\n`,
    ]);
    const link = `${nginx.run}-link`;
    symlinkSync(nginx.run, link);
    expect((await failedStart(link))[0]).toBe(3);
    rmSync(link);
    rmSync(join(nginx.run, 'run/master'));
    expect((await failedStart(nginx.run))[0]).toBe(3);
    expect(isAlive(pid)).toBe(true);
    writeFileSync(join(nginx.run, 'run/master'), `${pid} 1\n`);
    expect((await failedStart(nginx.run))[0]).toBe(3);
    expect((await nginx.get('/', ID)).status).toBe(200);
  });

  it('lets only one of two simultaneous starts succeed', async () => {
    const old = nginx.master();
    for (const pid of [old, ...nginx.workers()]) process.kill(pid, 'SIGKILL');
    const both = await Promise.allSettled([nginx.start(), nginx.start()]);
    const refusals = both.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
    expect(refusals).toEqual([expect.stringContaining('start.sh ended with 3')]);
    expect((await nginx.get('/', ID)).status).toBe(200);
  });

  it('starts NGINX while workers of a killed master still run, and lets these finish their requests', async () => {
    const [master, orphans] = [nginx.master(), nginx.workers()];
    const slow = nginx.get('/', ID, { headers: { 'X-Delay': '1000' } });
    await until('the request to arrive', () => (backend.count() > 0 ? true : undefined));
    process.kill(master, 'SIGKILL');
    await until('the master to be gone', () => (isAlive(master) ? undefined : true));
    expect((await nginx.get('/', ID)).status).toBe(200);
    await nginx.start();
    expect(nginx.master()).not.toBe(master);
    expect((await nginx.get('/', ID)).status).toBe(200);
    expect((await slow).status).toBe(200);
    await until('the orphans to end', () => (orphans.some(isAlive) ? undefined : true));
  });

  it('removes sockets that no process listens on, and no others', async () => {
    const used = join(nginx.run, 'run/used.sock');
    const server = createServer();
    await new Promise<void>((done) => server.listen(used, done));
    for (const pid of [nginx.master(), ...nginx.workers()]) process.kill(pid, 'SIGKILL');
    const socket = join(nginx.run, 'run/api/live.sock');
    await until('everything to be gone', () => (isAlive(nginx.master()) ? undefined : true));
    expect(existsSync(socket)).toBe(true);
    await nginx.start();
    expect(existsSync(used)).toBe(true);
    expect((await nginx.get('/', ID)).status).toBe(200);
    server.close();
  });

  it('with --wait, starts NGINX as soon as nginx.conf exists', async () => {
    for (const pid of [nginx.master(), ...nginx.workers()]) process.kill(pid, 'SIGKILL');
    const conf = join(nginx.run, 'conf/nginx.conf');
    renameSync(conf, `${conf}.later`);
    const waiting = runStart(nginx.run, {}, ['--wait']);
    let said = '';
    waiting.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until('the message about the wait', () => (said.includes('waiting until the controller') ? true : undefined));
    expect(await waitedFor(waiting, 500)).toBe(true);
    renameSync(`${conf}.later`, conf);
    await until('an answer', () =>
      nginx.get('/', ID).then(
        ({ status }) => (status === 200 ? true : undefined),
        () => undefined,
      ),
    );
    expect(nginx.master()).toBe(waiting.pid);
    expect(said.match(/waiting/g)).toHaveLength(1);
    waiting.kill('SIGQUIT');
    await until('NGINX to end', () => (waiting.exitCode === 0 ? true : undefined));
  });

  it('with --wait, starts NGINX even if another process listens on its socket', async () => {
    for (const pid of [nginx.master(), ...nginx.workers()]) process.kill(pid, 'SIGKILL');
    await until('everything to be gone', () => (isAlive(nginx.master()) ? undefined : true));
    const socket = join(nginx.run, 'run/api/live.sock');
    rmSync(socket);
    const other = createServer();
    await new Promise<void>((done) => other.listen(socket, done));
    const started = runStart(nginx.run, {}, ['--wait']);
    await until('an answer', () =>
      nginx.get('/', ID).then(
        ({ status }) => (status === 200 ? true : undefined),
        () => undefined,
      ),
    );
    expect(nginx.master()).toBe(started.pid);
    other.close();
    started.kill('SIGQUIT');
    await until('NGINX to end', () => (started.exitCode === 0 ? true : undefined));
  });

  it.each(['SIGTERM', 'SIGQUIT', 'SIGINT'] as const)(
    'with --wait, exits with 0 on %s while it waits',
    async (signal) => {
      const empty = mkdtempSync('/tmp/tidegate-spec-');
      const waiting = runStart(empty, {}, ['--wait']);
      await until('the wait', () => (waiting.stderr?.read() as Buffer | null) ?? undefined);
      waiting.kill(signal);
      await until('the end', () => (waiting.exitCode === 0 ? true : undefined), 3000);
      rmSync(empty, { recursive: true });
    },
  );

  it('with --wait, exits with 2 if the run directory is deleted while it waits', async () => {
    const empty = mkdtempSync('/tmp/tidegate-spec-');
    const waiting = runStart(empty, {}, ['--wait']);
    await until('the wait', () => (waiting.stderr?.read() as Buffer | null) ?? undefined);
    rmSync(empty, { recursive: true });
    await until('the end', () => (waiting.exitCode === 2 ? true : undefined), 3000);
  });

  it('exits with a code that says whether nginx.conf, the run directory or the NGINX program is missing', async () => {
    const empty = mkdtempSync('/tmp/tidegate-spec-');
    const strange = `${empty}/a b`;
    mkdirSync(strange);
    expect(await failedStart(empty)).toEqual([4, expect.stringContaining('nginx.conf does not exist')]);
    expect(await failedStart(strange)).toEqual([4, expect.stringContaining('a b/conf/nginx.conf does not exist')]);
    expect((await failedStart(`${empty}/missing`))[0]).toBe(2);
    expect((await failedStart(''))[0]).toBe(2);
    mkdirSync(join(empty, 'conf'));
    writeFileSync(join(empty, 'conf/nginx.conf'), 'events {}\n');
    expect((await failedStart(empty, { TIDEGATE_NGINX: '/missing/nginx' }))[0]).toBe(7);
    rmSync(empty, { recursive: true });
  });
});
