/** helm on a test cluster: its results as values, its files outside the machine's configuration. */
import { execa } from 'execa';

export interface HelmAnswer {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Helm {
  /** A failure is a result. Limited to two minutes: hooks are waited for. */
  (...args: readonly string[]): Promise<HelmAnswer>;
}

/** `binary` with this kubeconfig; its cache goes to `home`. */
export function helmFor(binary: string, kubeconfig: string, home: string): Helm {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: kubeconfig };
  return async (...args) => execa(binary, args, { reject: false, extendEnv: false, env, timeout: 120_000 });
}
