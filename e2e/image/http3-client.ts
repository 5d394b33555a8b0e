/** Sends requests over HTTP/3 with Debian 13's curl, which scripts/debian-13.sh runs on this machine. */
import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPT = fileURLToPath(new URL('../../scripts/debian-13.sh', import.meta.url));
/** The exit code of debian-13.sh if the machine cannot run another Debian release. */
const UNAVAILABLE = 3;

const run = promisify(execFile);

/** Creates the system. Returns why this machine cannot run curl with HTTP/3, or undefined. */
export function http3Obstacle(): string | undefined {
  const { status, stdout, stderr } = spawnSync('sh', [SCRIPT, 'curl', '--version'], {
    encoding: 'utf8',
    timeout: 20 * 60_000,
  });
  if (status === UNAVAILABLE) return stderr.trim();
  return /\bHTTP3\b/.test(stdout) ? undefined : `curl has no HTTP/3: ${stdout} ${stderr}`;
}

export interface Curl {
  /** A file with the certificates that curl trusts. */
  readonly ca: string;
  readonly port: number;
  /** The TLS server name, which curl connects to on 127.0.0.1. */
  readonly host: string;
  /** More arguments, such as those for a client certificate; default: HTTP/3 and nothing else. */
  readonly more?: readonly string[];
}

export interface Answer {
  readonly status: number;
  /** `3`, `2`, `1.1`; `0` without a response. */
  readonly http: string;
  /** Why there is no response; empty if there is one. */
  readonly error: string;
  readonly seconds: number;
  /** Names in lower case → values. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

const REPEAT = 'left=$1; shift; while [ $left -gt 0 ]; do "$@" || :; left=$((left - 1)); done';

const FORMAT =
  '{"code":"%{http_code}","http":"%{http_version}","error":"%{errormsg}","time":%{time_total},"headers":%{header_json}}\\n';

/**
 * Sends requests one after the other over one connection, or over another one when the server closes it. `paths`: of
 * the URLs, in curl's syntax. `times`: how often that is repeated, each time over a new connection.
 */
export async function curl(
  { ca, port, host, more = ['--http3-only'] }: Curl,
  paths: string,
  times = 1,
): Promise<Answer[]> {
  const repeat = ['sh', '-c', REPEAT, 'repeat', String(times)];
  const trusted = ['--cacert', ca, '--resolve', `${host}:${port}:127.0.0.1`, '--max-time', '10'];
  const output = ['--silent', '--output', '/dev/null', '--write-out', FORMAT];
  const { stdout } = await run(
    'sh',
    [SCRIPT, ...repeat, 'curl', ...trusted, ...output, ...more, `https://${host}:${port}${paths}`],
    { encoding: 'utf8', timeout: 300_000, maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout
    .replaceAll(/\}\n\{"code"/g, '}\0{"code"')
    .split('\0')
    .filter((text) => text.trim() !== '')
    .map((text) => {
      const { code, http, error, time, headers } = JSON.parse(text) as {
        code: string;
        http: string;
        error: string;
        time: number;
        headers: Record<string, string[]>;
      };
      return { status: Number(code), http, error, seconds: time, headers };
    });
}

/** The body of the response to one request over HTTP/3. */
export async function curlBody({ ca, port, host }: Curl, path: string): Promise<string> {
  const given = ['--silent', '--http3-only', '--cacert', ca, '--resolve', `${host}:${port}:127.0.0.1`];
  const { stdout } = await run('sh', [SCRIPT, 'curl', ...given, `https://${host}:${port}${path}`], { timeout: 60_000 });
  return stdout;
}

/** Writes certificates that curl trusts to `file`. */
export function trust(file: string, certificates: readonly string[]): string {
  writeFileSync(file, certificates.join('\n'));
  return file;
}
