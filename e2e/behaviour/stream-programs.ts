/** PostgreSQL, RabbitMQ and dnsmasq of Debian as endpoints of TCP and UDP services. Each listens on two addresses. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../runner/instance.ts';

export interface Program {
  stop(): Promise<void>;
}

function idOf(what: '-u' | '-g', user: string): number {
  return Number(execFileSync('id', [what, user], { encoding: 'utf8' }));
}

/** A folder of a user who may be another than that of this process. */
function folderOf(user: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-program-'));
  chmodSync(folder, 0o700);
  chownSync(folder, idOf('-u', user), idOf('-g', user));
  return folder;
}

async function end(child: ChildProcess, folder: string, signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
  child.kill(signal);
  await until('the program has ended', () => child.exitCode !== null || child.signalCode !== null, 30_000);
  rmSync(folder, { recursive: true, force: true });
}

/** PostgreSQL refuses to run as root. */
export async function startPostgres(addresses: readonly string[], port: number): Promise<Program> {
  const [folder, uid, gid] = [folderOf('postgres'), idOf('-u', 'postgres'), idOf('-g', 'postgres')];
  const versions = readdirSync('/usr/lib/postgresql');
  const bin = join('/usr/lib/postgresql', versions.toSorted().at(-1) ?? '', 'bin');
  const data = join(folder, 'data');
  const as = { uid, gid, cwd: folder, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' } };
  execFileSync(join(bin, 'initdb'), ['--pgdata', data, '--auth=trust', '--no-sync', '--encoding=UTF8'], {
    ...as,
    stdio: 'ignore',
  });
  const settings = ['fsync=off', `listen_addresses=${addresses.join(',')}`, `unix_socket_directories=${folder}`];
  const child = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...as, stdio: 'ignore' },
  );
  await until(
    'PostgreSQL answers',
    () => succeeds('pg_isready', ['-h', addresses[0] ?? '', '-p', String(port)]),
    60_000,
  );
  // SIGINT: without waiting for clients.
  return { stop: () => end(child, folder, 'SIGINT') };
}

export async function startRabbit(
  addresses: readonly string[],
  port: number,
  internal: { readonly distribution: number; readonly mapper: number },
): Promise<Program> {
  const folder = folderOf('root');
  const lines = addresses.map((address, index) => `listeners.tcp.${index + 1} = ${address}:${port}`);
  writeFileSync(join(folder, 'rabbitmq.conf'), `${lines.join('\n')}\nlog.console = false\n`);
  mkdirSync(join(folder, 'home'));
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: join(folder, 'home'),
    RABBITMQ_NODENAME: `tidegate${port}@localhost`,
    RABBITMQ_DIST_PORT: String(internal.distribution),
    ERL_EPMD_PORT: String(internal.mapper),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
  };
  const child = spawn('/usr/lib/rabbitmq/bin/rabbitmq-server', { env, cwd: folder, stdio: 'ignore', detached: true });
  const url = `amqp://guest:guest@${addresses[0]}:${port}`;
  await until('RabbitMQ answers', () => succeeds('amqp-declare-queue', ['--url', url, '--queue', 'ready']), 120_000);
  return {
    stop: async () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      await until('RabbitMQ has ended', () => child.exitCode !== null || child.signalCode !== null, 60_000);
      // Erlang's port mapper is a daemon, which ends only on request.
      await until(
        'the port mapper has ended',
        () => succeeds('epmd', ['-port', String(internal.mapper), '-kill']),
        20_000,
      );
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Answers with 192.0.2.7 for every name below shop.test. */
export async function startDnsmasq(addresses: readonly string[], port: number): Promise<Program> {
  const folder = folderOf('root');
  const listen = addresses.map((address) => `--listen-address=${address}`);
  const only = ['--bind-interfaces', '--no-resolv', '--no-hosts', '--conf-file=/dev/null', '--user=root'];
  const child = spawn(
    'dnsmasq',
    [
      '--keep-in-foreground',
      `--port=${port}`,
      ...only,
      ...listen,
      '--address=/shop.test/192.0.2.7',
      `--pid-file=${folder}/pid`,
    ],
    { stdio: 'ignore' },
  );
  await until('dnsmasq answers', () => dig(addresses[0] ?? '', port) === '192.0.2.7', 20_000);
  return { stop: () => end(child, folder, 'SIGTERM') };
}

export function dig(address: string, port: number): string {
  const flags = ['+short', '+tries=1', '+timeout=2'];
  try {
    const given = [`@${address}`, '-p', String(port), 'db.shop.test', ...flags];
    return execFileSync('dig', given, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

function succeeds(program: string, given: readonly string[]): boolean {
  try {
    execFileSync(program, given, { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}
