/** helm on a cluster of a test: its answers as values, its own files out of the machine's configuration. */
import { execa } from 'execa';

export interface HelmAnswer {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Helm {
  /** A failure is an answer. Bounded to two minutes: hooks are waited for. */
  (...args: readonly string[]): Promise<HelmAnswer>;
}

/** `binary` with this kubeconfig; what it caches goes to `home`. */
export function helmFor(binary: string, kubeconfig: string, home: string): Helm {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: kubeconfig };
  return async (...args) => execa(binary, args, { reject: false, extendEnv: false, env, timeout: 120_000 });
}
