/**
 * The schema of scenarios, and functions that read their files. Unknown keys are rejected, because they may be typos.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { agesInDoubt } from './ages.ts';
import { CLIENTS } from './clients.ts';

/** A string that the value must equal, or `{match}`, a regular expression that it must match. */
const textual = z.union([z.string(), z.strictObject({ match: z.string() })]);
export type Textual = z.infer<typeof textual>;

const headers = z.record(z.string(), textual);

const expectation = z.strictObject({
  status: z.number().int(),
  headers: headers.optional(),
  /** Headers that the response must not have. */
  absent: z.array(z.string()).optional(),
  location: textual.optional(),
  body: textual.optional(),
  /** The CN of the server's certificate, and of its issuer. */
  certificate: z.strictObject({ subject: textual, issuer: textual.optional() }).optional(),
  /** The result of the TLS handshake. */
  tls: z
    .strictObject({ protocol: z.string().optional(), cipher: z.string().optional(), resumed: z.boolean().optional() })
    .optional(),
  trailers: headers.optional(),
  /** The messages of a gRPC or WebSocket response, as text. */
  messages: z.array(z.string()).optional(),
  /** Milliseconds that the whole response may take. */
  time: z.strictObject({ min: z.number().optional(), max: z.number().optional() }).optional(),
  /** What the backend received, or false if no backend may receive the request. */
  backend: z
    .union([
      z.literal(false),
      z.strictObject({
        service: z.string().optional(),
        method: z.string().optional(),
        path: z.string().optional(),
        headers: headers.optional(),
        absent: z.array(z.string()).optional(),
        bodyLength: z.number().optional(),
        http: z.string().optional(),
        /** The parameters of a FastCGI request. */
        params: headers.optional(),
        absentParams: z.array(z.string()).optional(),
        tls: z
          .strictObject({
            sni: z.string().optional(),
            client: z.string().optional(),
            protocol: z.string().optional(),
            cipher: z.string().optional(),
          })
          .optional(),
        /** How many different endpoints must answer all the requests of `times`. */
        endpoints: z.number().optional(),
        /** Whether the endpoint must be (true) or must not be (false) the one that answered the previous request. */
        again: z.boolean().optional(),
        /** Whether the endpoint must receive the request on the same connection as its previous request. */
        sameConnection: z.boolean().optional(),
      }),
    ])
    .optional(),
});
export type Expectation = z.infer<typeof expectation>;

/** A TLS handshake. */
const handshake = z.strictObject({
  /** The server name; false sends none. The default is the name in the Host header. */
  sni: z.union([z.string(), z.literal(false)]).optional(),
  /** The client whose certificate is presented; see `clientSecrets`. */
  certificate: z.enum(CLIENTS).optional(),
  /** The only ciphers that the client offers, in OpenSSL's syntax. */
  ciphers: z.string().optional(),
  /** The only groups that the client offers for the key exchange. */
  groups: z.string().optional(),
  /** The only TLS version that the client offers. */
  version: z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']).optional(),
  /** Saves the TLS session under this name. */
  keep: z.string().optional(),
  /** Resumes the TLS session that was saved under this name. */
  resume: z.string().optional(),
});

const request = z.strictObject({
  about: z.string().optional(),
  /** How often the request is sent. Each response must meet the expectations. */
  times: z.number().int().min(1).max(2000).default(1),
  /** Sends the request without the cookies of the scenario's `jar`, as another client would. */
  jar: z.literal(false).optional(),
  /** Sends the request over TLS. `true` stands for a handshake with the defaults. */
  tls: z.union([z.boolean(), handshake]).default(false),
  http: z.enum(['1.0', '1.1', '2']).default('1.1'),
  method: z.string().default('GET'),
  /** The Host header; false sends none. */
  host: z.union([z.string(), z.literal(false)]).default('HOST'),
  path: z.string().default('/'),
  headers: z.record(z.string(), z.string()).default({}),
  /** Sends a header X-Padding with a value of this many bytes. */
  padding: z.number().int().optional(),
  /** The body: a string, or `size` bytes. It is sent with Content-Length, or chunked. */
  body: z.union([z.string(), z.strictObject({ size: z.number(), chunked: z.boolean().default(false) })]).optional(),
  /** Sends one gRPC message with the text of `body`. */
  grpc: z.boolean().default(false),
  /** Upgrades to a WebSocket, and sends this string as a message. */
  websocket: z.string().optional(),
  /** Reads nothing of the response for this many milliseconds; only for HTTP/1. */
  stall: z.number().optional(),
  /** Sends a PROXY protocol header at the start of the connection. */
  proxyProtocol: z
    .strictObject({ version: z.union([z.literal(1), z.literal(2)]), source: z.string(), port: z.number().default(80) })
    .optional(),
  /** The address of this machine to connect to; 127.0.0.1 by default. */
  address: z.string().optional(),
  /** Sends the following requests before this one has its response. */
  meanwhile: z.literal(true).optional(),
  /** Whether the connection must end without a response. */
  refused: z.boolean().default(false),
  expect: expectation.optional(),
});
export type RequestSpec = z.infer<typeof request>;

const protocol = z.enum(['http', 'https', 'h2c', 'h2', 'any', 'fastcgi', 'dead', 'silent']);

const service = z.union([
  z.number().int(),
  z.strictObject({
    count: z.number().int().default(1),
    /**
     * The listener of the echo server that the endpoints use; `dead` refuses connections, `silent` never accepts one.
     */
    protocol: protocol.default('http'),
    port: z.number().int().default(80),
    portName: z.string().optional(),
    /**
     * Whether the Service has its own address, which the echo server answers. Paths must then use the name of its port.
     */
    clusterIp: z.boolean().default(false),
    /** Whether the Service is among the manifests, so that only its EndpointSlice is generated. */
    existing: z.boolean().default(false),
  }),
]);
export type ServiceSpec = z.infer<typeof service>;

const ingress = z.strictObject({
  name: z.string().default('web'),
  namespace: z.string().optional(),
  created: z.string().optional(),
  class: z.string().optional(),
  /** An empty string stands for a rule without a host. */
  host: z.string().default('HOST'),
  annotations: z.record(z.string(), z.string()).default({}),
  /** `/path` (which is a Prefix path) or `/path Exact` → `service`, or `service:port` if the port is not 80. */
  paths: z.record(z.string(), z.string()).default({}),
  defaultBackend: z.string().optional(),
  /** Secret → hosts. */
  tls: z.record(z.string(), z.array(z.string())).optional(),
});
export type IngressSpec = z.infer<typeof ingress>;

const control = z.strictObject({
  /** What to remove: annotations (`proxy-body-size`), objects (`Ingress/web`) or fields (`Ingress/web:spec.tls`). */
  remove: z.array(z.string()).default([]),
  /** Annotations or fields, named as in `remove`, → the value to set. */
  set: z.record(z.string(), z.unknown()).default({}),
  /** Flags that replace the flags of the scenario. */
  flags: z.array(z.string()).optional(),
});
export type Control = z.infer<typeof control>;

const scenario = z.strictObject({
  name: z.string(),
  about: z.string(),
  /** Annotations and ConfigMap keys that this scenario proves. */
  covers: z.array(z.string()).default([]),
  /** Runs the scenario in its own instance, because of rules without a host, flags, or settings that affect others. */
  alone: z.boolean().default(false),
  /** Whether the requests share cookies, as requests of one browser do. */
  jar: z.boolean().default(false),
  endpoints: z.record(z.string(), service).default({}),
  /** Name of a Secret → the hosts of its self-signed certificate. */
  tlsSecrets: z.record(z.string(), z.array(z.string())).default({}),
  /**
   * Secrets with a ca.crt and a client certificate for connections to the echo server. With `trusted`, the ca.crt is
   * the CA of the echo server's certificates; with `stranger`, it is another CA.
   */
  backendSecrets: z.record(z.string(), z.enum(['trusted', 'stranger'])).default({}),
  /**
   * Secrets with a ca.crt to verify clients. `trusted`: the CA of all clients except `stranger`; `stranger`: the CA of
   * the client `stranger`; `revoking`: as `trusted`, with a ca.crl; `garbled`: as `trusted`, with an invalid ca.crl.
   */
  clientSecrets: z.record(z.string(), z.enum(['trusted', 'stranger', 'revoking', 'garbled'])).default({}),
  /** Flags of the controller, such as `--strict-paths`; need `alone`. They may contain NAMESPACE. */
  flags: z.array(z.string()).default([]),
  /** The data of the ConfigMap. Without `alone`, the ConfigMap also contains settings of other scenarios. */
  settings: z.record(z.string(), z.string()).optional(),
  ingresses: z.array(ingress).default([]),
  manifests: z.array(z.record(z.string(), z.unknown())).default([]),
  /** Manifests in e2e/inputs. */
  inputs: z.array(z.string()).default([]),
  /** String → its replacement, in the objects of the scenario. */
  rename: z.record(z.string(), z.string()).default({}),
  requests: z.array(request).min(1),
  /** Regular expressions; for each of them, a line of the controller's output must match. */
  log: z.array(z.string()).default([]),
  /** Regular expressions for lines that the access log must contain. */
  accessLog: z.array(z.string()).default([]),
  /** Regular expressions for lines that the access log must not contain. */
  accessLogAbsent: z.array(z.string()).default([]),
  /** Regular expressions for lines that NGINX's error log must contain. */
  errorLog: z.array(z.string()).default([]),
  /**
   * File name → regular expressions for lines that it must contain. The names begin with LOGS, a folder that NGINX may
   * write to.
   */
  logs: z.record(z.string(), z.array(z.string())).default({}),
  /** Regular expressions for messages that the syslog server on 127.0.0.1:SYSLOG_PORT must receive. */
  syslog: z.array(z.string()).default([]),
  /** Regular expressions that the host's server block in nginx.conf must match, for effects that no client can see. */
  conf: z.array(z.string()).default([]),
  /** Regular expressions that nginx.conf must match. */
  nginxConf: z.array(z.string()).default([]),
  /** How many workers must run. */
  workers: z.number().optional(),
  control,
});
export type Scenario = z.infer<typeof scenario>;

/**
 * Whether a scenario affects only its own hosts, so that it can share an instance with all other scenarios of this
 * kind.
 */
export function isPlain({ alone, settings }: Pick<Scenario, 'alone' | 'settings'>): boolean {
  return !alone && settings === undefined;
}

/** Validates a scenario and fills in the defaults; throws an error that says what is wrong. */
export function readScenario(document: unknown): Scenario {
  const parsed = scenario.safeParse(document);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const unclear = isPlain(parsed.data) ? agesInDoubt(parsed.data.ingresses) : undefined;
  if (unclear !== undefined) throw new Error(unclear);
  return parsed.data;
}

const folder = new URL('../scenarios/', import.meta.url);

/** All scenarios of `e2e/scenarios/`. A file may contain several scenarios, as YAML documents. */
export function readScenarios(): readonly (Scenario & { readonly file: string })[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) =>
      parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).map((document) => {
        try {
          return { ...readScenario(document.toJS()), file };
        } catch (error) {
          throw new Error(`${file}: ${String(error)}`, { cause: error });
        }
      }),
    );
}
