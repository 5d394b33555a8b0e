/** Writes a kubeconfig with one cluster, one user and one context. */
import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';

export interface Access {
  readonly server: string;
  /** PEM of the CA that signed the server's certificate; undefined for plain HTTP. */
  readonly ca: string | undefined;
  readonly token?: string | undefined;
  /** PEM of a client certificate and of its key. */
  readonly client?: { readonly cert: string; readonly key: string } | undefined;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Writes the kubeconfig with file mode 0600. */
export function writeKubeconfig(path: string, { server, ca, token, client }: Access): void {
  const user = {
    ...(token !== undefined && { token }),
    ...(client && { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) }),
  };
  // Clients refuse an http:// server, unless the kubeconfig tells them to skip verification.
  const trust = ca === undefined ? { 'insecure-skip-tls-verify': true } : { 'certificate-authority-data': base64(ca) };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, ...trust } }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });
}
