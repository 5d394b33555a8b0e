/** Reads our identity and the API server's address from a kubeconfig file, KUBECONFIG, or the pod's service account. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import type { Cluster, KubeConfig } from '@kubernetes/client-node';

export interface ApiOptions {
  /** Path of a kubeconfig file. Without it, KUBECONFIG is used, then the pod's service account. */
  readonly kubeconfig?: string;
  /**
   * URL of the API server, for example `https://10.0.0.1:6443`. It replaces the server of the kubeconfig. Without a
   * kubeconfig, no credentials are sent.
   */
  readonly apiserverHost?: string;
  /** File with the CA of `apiserverHost`; ignored without `apiserverHost`. */
  readonly certificateAuthority?: string;
  /** The context of the kubeconfig; by default its current context. */
  readonly context?: string;
  /** Without a kubeconfig and KUBECONFIG, use ~/.kube/config if it exists, as kubectl does. */
  readonly ofUser?: true;
}

/** The TLS settings of a connection. `id` is a hash of all of them. */
export interface TlsIdentity {
  readonly id: string;
  readonly connect: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>;
}

export interface Credentials {
  /** URL of the API server without a trailing slash. It may have a path (`https://host/k8s/clusters/c1`). */
  readonly server: string;
  readonly proxy: string | undefined;
  /** Reads files whose content may have been replaced. Throws if one of them cannot be read. */
  read(): Promise<{ readonly tls: TlsIdentity; readonly headers: Readonly<Record<string, string>> }>;
  /** Reads everything again, including the token file; to be called after a 401. */
  renew(): Promise<void>;
}

const TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Throws an Error that says what is missing if no API server is configured. */
export async function loadCredentials(options: ApiOptions): Promise<Credentials> {
  let config = await loadKubeConfig(options);
  const { server, proxyUrl } = clusterOf(config);
  const parsed = URL.canParse(server) ? new URL(server) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new Error(`the address of the API server must be a URL, not ${server}; for example https://10.0.0.1:6443`);
  }
  if (proxyUrl !== undefined && !/^https?:/.test(proxyUrl)) {
    throw new Error('proxy-url of the kubeconfig must be an http or https URL, for example http://proxy:3128');
  }
  return {
    server: server.replace(/\/+$/, ''),
    proxy: proxyUrl,
    async read() {
      const found: RequestOptions = {};
      await config.applyToHTTPSOptions(found);
      const { ca, cert, key, rejectUnauthorized, servername, auth } = found;
      const connect = pick({ ca, cert, key, rejectUnauthorized, servername });
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(found.headers ?? {})) headers[name.toLowerCase()] = String(value);
      if (auth) headers['authorization'] ??= `Basic ${Buffer.from(auth).toString('base64')}`;
      return { tls: { id: hash(connect), connect }, headers };
    },
    async renew() {
      config = await loadKubeConfig(options);
    },
  };
}

/** Throws an Error that says what is missing if no API server is configured. */
export async function loadKubeConfig(options: ApiOptions): Promise<KubeConfig> {
  // This import takes 0.3 s and 60 MB, which are not needed when Tidegate reads manifests.
  const client = await import('@kubernetes/client-node');
  const config = load(new client.KubeConfig(), options);
  const { context = '' } = options;
  const names = config.getContexts().map(({ name }) => name);
  if (context !== '' && !names.includes(context))
    throw new Error(`the kubeconfig has no context ${JSON.stringify(context)}; it has ${names.join(', ') || 'none'}`);
  if (context !== '') config.setCurrentContext(context);
  return config;
}

/** Loads the kubeconfig that applies without --apiserver-host. */
function loadUsual(config: KubeConfig, ofUser: boolean): void {
  const files = (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  const ofHome = join(homedir(), '.kube', 'config');
  if (files.length > 0) config.loadFromDefault();
  else if (ofUser && existsSync(ofHome)) config.loadFromFile(ofHome);
  else loadFromPod(config);
}

function load(config: KubeConfig, options: ApiOptions): KubeConfig {
  const { kubeconfig = '', apiserverHost = '', certificateAuthority = '', ofUser = false } = options;
  if (kubeconfig !== '') config.loadFromFile(kubeconfig);
  else if (apiserverHost === '') loadUsual(config, ofUser);
  if (apiserverHost === '') return allowPlainHttp(config);
  const { proxyUrl } = config.getCurrentCluster() ?? {};
  const cluster: Cluster = {
    name: 'apiserver-host',
    server: apiserverHost,
    skipTLSVerify: false,
    ...(certificateAuthority === '' ? kept(config.getCurrentCluster()) : { caFile: certificateAuthority }),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
  };
  config.loadFromClusterAndUser(cluster, config.getCurrentUser() ?? { name: 'anonymous' });
  return allowPlainHttp(config);
}

function loadFromPod(config: KubeConfig): void {
  if (process.env['KUBERNETES_SERVICE_HOST'] === undefined || !existsSync(TOKEN_FILE)) {
    throw new Error(
      'no API server: this is not a pod with a service account, and neither --kubeconfig nor KUBECONFIG names a file; for example --kubeconfig ~/.kube/config',
    );
  }
  config.loadFromCluster();
}

/** The kubeconfig's settings for verification also apply to the address of `apiserverHost`. */
function kept(cluster: Cluster | null): Partial<Cluster> {
  if (cluster === null) return {};
  const { caFile, caData, skipTLSVerify, tlsServerName } = cluster;
  return pick({ caFile, caData, skipTLSVerify, tlsServerName });
}

/**
 * client-node refuses plain HTTP without this flag, because it creates an HTTPS agent. Only the headers are used here.
 */
function allowPlainHttp(config: KubeConfig): KubeConfig {
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  return config;
}

function clusterOf(config: KubeConfig): Cluster {
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new Error('the kubeconfig has no current-context that names a cluster; for example current-context: kind');
  }
  return cluster;
}

/** Removes fields that are undefined. */
function pick<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function hash(connect: object): string {
  const digest = createHash('sha256');
  for (const [name, value] of Object.entries(connect)) digest.update(`${name}=`).update(String(value)).update('\0');
  return digest.digest('hex');
}
