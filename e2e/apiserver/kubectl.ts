/** Runs kubectl for tests. */
import { spawn, spawnSync } from 'node:child_process';
import { dirname, relative } from 'node:path';

export interface Kubectl {
  /** Returns standard output; rejects with standard error if kubectl fails. kubectl is killed after 30 s. */
  run(args: readonly string[], input?: string): Promise<string>;
  /** Like `run`; also returns standard error, to which kubectl prints the warnings of the API server. */
  output(args: readonly string[], input?: string): Promise<{ readonly out: string; readonly err: string }>;
}

/**
 * A path that can be the value of `-f`. kubectl and helm split that value at commas and remove quotation marks from it,
 * which the path of a checkout may contain; therefore the result is relative to the working directory.
 */
export function fileArgument(path: string): string {
  return relative(process.cwd(), path);
}

/** Whether kubectl is installed. */
export function hasKubectl(): boolean {
  return spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
}

/**
 * kubectl with this kubeconfig. It neither reads nor changes the user's own configuration: its home, which also
 * contains its caches, is `home`, by default the folder of the kubeconfig.
 */
export function kubectlFor(kubeconfig: string, home = dirname(kubeconfig)): Kubectl {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: kubeconfig };
  async function output(args: readonly string[], input = ''): Promise<{ out: string; err: string }> {
    const child = spawn('kubectl', ['--request-timeout=20s', ...args], { env, timeout: 30_000 });
    const text = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.err += chunk));
    const { promise, resolve, reject } = Promise.withResolvers<{ out: string; err: string }>();
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`kubectl ${args.join(' ')}: ${text.err}${text.out}`));
    });
    child.stdin.on('error', reject).end(input);
    return promise;
  }
  return { output, run: async (args, input) => (await output(args, input)).out };
}
