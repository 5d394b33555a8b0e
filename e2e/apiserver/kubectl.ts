/** kubectl as a test uses it: `kubectl apply -f -` with objects, and everything else by its arguments. */
import { spawn, spawnSync } from 'node:child_process';
import { dirname, relative } from 'node:path';

export interface Kubectl {
  /** Standard output; rejects with standard error if kubectl fails. Limited to 30 s. */
  run(args: readonly string[], input?: string): Promise<string>;
}

/**
 * A path as the value of `-f`, in which kubectl and helm split at commas and remove quotes: relative to this process.
 */
export function fileArgument(path: string): string {
  return relative(process.cwd(), path);
}

/** Is it installed? */
export function hasKubectl(): boolean {
  return spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
}

/**
 * kubectl with this kubeconfig; its caches go to `home`, beside that file unless told, and the machine's own
 * configuration is not touched.
 */
export function kubectlFor(kubeconfig: string, home = dirname(kubeconfig)): Kubectl {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: kubeconfig };
  return {
    async run(args, input = '') {
      const child = spawn('kubectl', ['--request-timeout=20s', ...args], { env, timeout: 30_000 });
      const text = { out: '', err: '' };
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.out += chunk));
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.err += chunk));
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      child.on('error', reject);
      child.on('close', (code) => {
        if (code === 0) resolve(text.out);
        else reject(new Error(`kubectl ${args.join(' ')}: ${text.err}${text.out}`));
      });
      child.stdin.on('error', reject).end(input);
      return promise;
    },
  };
}
