/** The schema of a scenario, and the reading of the files. Unknown keys are refused, so that a typo cannot pass. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { agesInDoubt } from './ages.ts';
import { CLIENTS } from './clients.ts';

/** A text to equal, or `{match}`: a regular expression. */
const textual = z.union([z.string(), z.strictObject({ match: z.string() })]);
export type Textual = z.infer<typeof textual>;

const headers = z.record(z.string(), textual);

const expectation = z.strictObject({
  status: z.number().int(),
  headers: headers.optional(),
  /** Response headers that must not be there. */
  absent: z.array(z.string()).optional(),
  location: textual.optional(),
  body: textual.optional(),
  /** CN of the presented certificate, and of its issuer. */
  certificate: z.strictObject({ subject: textual, issuer: textual.optional() }).optional(),
  /** What client and NGINX agreed on. */
  tls: z
    .strictObject({ protocol: z.string().optional(), cipher: z.string().optional(), resumed: z.boolean().optional() })
    .optional(),
  trailers: headers.optional(),
  /** Messages of a gRPC or WebSocket answer, as text. */
  messages: z.array(z.string()).optional(),
  /** Milliseconds that the whole response may take. */
  time: z.strictObject({ min: z.number().optional(), max: z.number().optional() }).optional(),
  /** What the backend received, or false: no backend may have got the request. */
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
        /** Parameters of a FastCGI request. */
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
        /** Over all the requests of `times`: how many different endpoints answered. */
        endpoints: z.number().optional(),
        /** Whether the endpoint is (true) or is not (false) the one that answered the previous request. */
        again: z.boolean().optional(),
        /** Whether the endpoint got it on the same connection as the previous request that it answered. */
        sameConnection: z.boolean().optional(),
      }),
    ])
    .optional(),
});
export type Expectation = z.infer<typeof expectation>;

/** A handshake. */
const handshake = z.strictObject({
  /** Server name; false sends none. By default the name in the Host header. */
  sni: z.union([z.string(), z.literal(false)]).optional(),
  /** Which certificate the client presents: see `clientSecrets`. */
  certificate: z.enum(CLIENTS).optional(),
  /** Only these, in OpenSSL's notation. */
  ciphers: z.string().optional(),
  /** Only these groups for the key exchange. */
  groups: z.string().optional(),
  /** Only this version. */
  version: z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']).optional(),
  /** Saves the session under this name. */
  keep: z.string().optional(),
  /** Resumes the session that was saved under this name. */
  resume: z.string().optional(),
});

const request = z.strictObject({
  about: z.string().optional(),
  /** How often it is sent; the expectations hold for each response. */
  times: z.number().int().min(1).max(2000).default(1),
  /** Without the cookies of the scenario's `jar`, as from another client. */
  jar: z.literal(false).optional(),
  /** Over TLS; `true` is a handshake with the name of the Host header. */
  tls: z.union([z.boolean(), handshake]).default(false),
  http: z.enum(['1.0', '1.1', '2']).default('1.1'),
  method: z.string().default('GET'),
  /** Host header; false sends none. */
  host: z.union([z.string(), z.literal(false)]).default('HOST'),
  path: z.string().default('/'),
  headers: z.record(z.string(), z.string()).default({}),
  /** Sends a header X-Padding of this many bytes. */
  padding: z.number().int().optional(),
  /** Text, or this many bytes, with Content-Length or chunked. */
  body: z.union([z.string(), z.strictObject({ size: z.number(), chunked: z.boolean().default(false) })]).optional(),
  /** Sends one gRPC message with the text of `body`. */
  grpc: z.boolean().default(false),
  /** Upgrades, and sends this text. */
  websocket: z.string().optional(),
  /** Reads nothing for this many milliseconds (HTTP/1). */
  stall: z.number().optional(),
  /** The connection begins with a PROXY protocol header. */
  proxyProtocol: z
    .strictObject({ version: z.union([z.literal(1), z.literal(2)]), source: z.string(), port: z.number().default(80) })
    .optional(),
  /** Address of this machine that gets the request, 127.0.0.1 by default. */
  address: z.string().optional(),
  /** The following requests are sent while this one is under way. */
  meanwhile: z.literal(true).optional(),
  /** The connection must end without a response. */
  refused: z.boolean().default(false),
  expect: expectation.optional(),
});
export type RequestSpec = z.infer<typeof request>;

const protocol = z.enum(['http', 'https', 'h2c', 'h2', 'any', 'fastcgi', 'dead', 'silent']);

const service = z.union([
  z.number().int(),
  z.strictObject({
    count: z.number().int().default(1),
    /** Which listener of the echo server; `dead` refuses connections, `silent` never accepts one. */
    protocol: protocol.default('http'),
    port: z.number().int().default(80),
    portName: z.string().optional(),
    /** The Service has its own address, on which the echo server answers; its port is named, not 80. */
    clusterIp: z.boolean().default(false),
    /** The Service itself is among the manifests. */
    existing: z.boolean().default(false),
  }),
]);
export type ServiceSpec = z.infer<typeof service>;

const ingress = z.strictObject({
  name: z.string().default('web'),
  namespace: z.string().optional(),
  created: z.string().optional(),
  class: z.string().optional(),
  /** Empty: a rule for every host. */
  host: z.string().default('HOST'),
  annotations: z.record(z.string(), z.string()).default({}),
  /** `/path` or `/path Exact` (default Prefix) → Service, `service:port` if the port is not 80. */
  paths: z.record(z.string(), z.string()).default({}),
  defaultBackend: z.string().optional(),
  /** Secret → hosts. */
  tls: z.record(z.string(), z.array(z.string())).optional(),
});
export type IngressSpec = z.infer<typeof ingress>;

const control = z.strictObject({
  /** Annotations (`proxy-body-size`), objects (`Ingress/web`) or fields (`Ingress/web:spec.tls`) to remove. */
  remove: z.array(z.string()).default([]),
  /** The same names, with the value to set. */
  set: z.record(z.string(), z.unknown()).default({}),
  /** Flags that replace those of the scenario. */
  flags: z.array(z.string()).optional(),
});
export type Control = z.infer<typeof control>;

const scenario = z.strictObject({
  name: z.string(),
  about: z.string(),
  /** Annotations and ConfigMap keys that this scenario proves. */
  covers: z.array(z.string()).default([]),
  /** Needs its own instance: rules without host, flags, settings that affect others. */
  alone: z.boolean().default(false),
  /** The requests share cookies, as in one browser. */
  jar: z.boolean().default(false),
  endpoints: z.record(z.string(), service).default({}),
  /** Names of Secrets with a self-signed certificate for these hosts. */
  tlsSecrets: z.record(z.string(), z.array(z.string())).default({}),
  /** Secrets with ca.crt and a client certificate for the echo server; `stranger` is signed by another CA. */
  backendSecrets: z.record(z.string(), z.enum(['trusted', 'stranger'])).default({}),
  /**
   * Secrets with ca.crt to verify clients. `trusted`: the CA of all clients' certificates except `stranger`;
   * `stranger`: its CA; `revoking`: `trusted` with a ca.crl; `garbled`: an invalid one.
   */
  clientSecrets: z.record(z.string(), z.enum(['trusted', 'stranger', 'revoking', 'garbled'])).default({}),
  /** Flags of the controller, `--strict-paths`, in which NAMESPACE is the scenario's; needs `alone`. */
  flags: z.array(z.string()).default([]),
  /** ConfigMap of the settings; without `alone`, settings of other scenarios are in it as well. */
  settings: z.record(z.string(), z.string()).optional(),
  ingresses: z.array(ingress).default([]),
  manifests: z.array(z.record(z.string(), z.unknown())).default([]),
  /** Files of e2e/inputs, unchanged except for these texts. */
  inputs: z.array(z.string()).default([]),
  rename: z.record(z.string(), z.string()).default({}),
  requests: z.array(request).min(1),
  /** Regular expressions that lines of the controller's output must match. */
  log: z.array(z.string()).default([]),
  /** Lines of the access log that must appear; needs `alone`. */
  accessLog: z.array(z.string()).default([]),
  /** Lines of the access log that must not be there; needs `alone`. */
  accessLogAbsent: z.array(z.string()).default([]),
  /** Lines of NGINX's error log that must appear. */
  errorLog: z.array(z.string()).default([]),
  /** Lines that must appear in files whose names begin with LOGS, a folder that NGINX may write. */
  logs: z.record(z.string(), z.array(z.string())).default({}),
  /** Messages that a syslog server on 127.0.0.1:SYSLOG_PORT must get. */
  syslog: z.array(z.string()).default([]),
  /** Regular expressions that the text of the host's server block must match: for what no client can see. */
  conf: z.array(z.string()).default([]),
  /** Regular expressions that the whole nginx.conf must match; needs `alone`. */
  nginxConf: z.array(z.string()).default([]),
  /** How many workers must run; needs `alone`. */
  workers: z.number().optional(),
  control,
});
export type Scenario = z.infer<typeof scenario>;

/** It has only its own hosts, and can share an instance with every other one of this kind. */
export function isPlain({ alone, settings }: Pick<Scenario, 'alone' | 'settings'>): boolean {
  return !alone && settings === undefined;
}

/** One scenario with its defaults filled in; throws an error that says what is wrong with it. */
export function readScenario(document: unknown): Scenario {
  const parsed = scenario.safeParse(document);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const unclear = isPlain(parsed.data) ? agesInDoubt(parsed.data.ingresses) : undefined;
  if (unclear !== undefined) throw new Error(unclear);
  return parsed.data;
}

const folder = new URL('../scenarios/', import.meta.url);

/** All scenarios of `e2e/scenarios/`; a file may hold several, as YAML documents. */
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
