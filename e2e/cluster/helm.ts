/** Runs helm on a test cluster. */
import { execa } from 'execa';

export interface HelmAnswer {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Helm {
  /** Runs helm; resolves even if helm fails. helm waits for hooks, and is killed after two minutes. */
  (...args: readonly string[]): Promise<HelmAnswer>;
}

/**
 * The program `binary` with this kubeconfig. Its home folder, which contains its cache, is `home` and not the user's.
 */
export function helmFor(binary: string, kubeconfig: string, home: string): Helm {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: kubeconfig };
  return async (...args) => execa(binary, args, { reject: false, extendEnv: false, env, timeout: 120_000 });
}
