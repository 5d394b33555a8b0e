/** Rules for Ingresses in addition to their shape, as in the API server's validation. */
import type {
  V1HTTPIngressPath,
  V1Ingress,
  V1IngressBackend,
  V1IngressRule,
  V1IngressTLS,
} from '@kubernetes/client-node';
import type { FieldPath } from '../../../types/problem.ts';
import type { Findings } from '../finding.ts';
import { hostFault, isDnsSubdomain, isPortName, isServiceName } from '../names.ts';
import { isPort } from '../../../types/ports.ts';
import type { Loose } from './loose.ts';

const PATH_TYPES = ['Exact', 'Prefix', 'ImplementationSpecific'];
/** Matches paths that no request can have, because clients or NGINX would normalise them. */
const UNREACHABLE = /\/\/|\/\.\.?\/|%2[fF]|\/\.\.?$/;

export function checkIngress(ingress: Loose<V1Ingress>, findings: Findings): void {
  const { defaultBackend, rules = [], tls = [], ingressClassName } = ingress.spec ?? {};
  if (defaultBackend === undefined && rules.length === 0) {
    findings.error('required-field', ['spec', 'rules'], 'spec needs rules or a defaultBackend', {
      example: 'rules: [{host: shop.example.com, http: {paths: […]}}]',
    });
  }
  if (ingressClassName !== undefined && !isDnsSubdomain(ingressClassName)) {
    findings.error('invalid-name', ['spec', 'ingressClassName'], 'must be the name of an IngressClass', {
      value: ingressClassName,
      example: 'nginx',
    });
  }
  if (defaultBackend !== undefined) checkBackend(defaultBackend, ['spec', 'defaultBackend'], findings);
  for (const [index, rule] of rules.entries()) checkRule(rule, ['spec', 'rules', index], findings);
  for (const [index, entry] of tls.entries()) checkTls(entry, ['spec', 'tls', index], findings);
}

function checkRule({ host = '', http }: Loose<V1IngressRule>, field: FieldPath, findings: Findings): void {
  if (host !== '') checkHost(host, 'rule', [...field, 'host'], findings);
  if (http === undefined) return;
  const { paths = [] } = http;
  const pathsField = [...field, 'http', 'paths'];
  if (paths.length === 0) {
    findings.error('required-field', pathsField, 'must list at least one path', { example: '- path: /' });
  }
  for (const [at, path] of paths.entries()) checkPath(path, [...pathsField, at], findings);
}

function checkTls({ hosts = [], secretName = '' }: Loose<V1IngressTLS>, field: FieldPath, findings: Findings): void {
  for (const [at, host] of hosts.entries()) checkHost(host, 'tls', [...field, 'hosts', at], findings);
  if (secretName !== '' && !isDnsSubdomain(secretName)) {
    findings.error('invalid-name', [...field, 'secretName'], 'must be the name of a Secret of the same namespace', {
      value: secretName,
      example: 'shop-tls',
    });
  }
}

function checkHost(host: string, where: 'rule' | 'tls', field: FieldPath, findings: Findings): void {
  const fault = hostFault(host, where);
  if (fault === undefined) return;
  findings.error('invalid-host', field, fault.message, {
    value: host,
    example: fault.example,
  });
}

function checkPath(entry: Loose<V1HTTPIngressPath>, field: FieldPath, findings: Findings): void {
  const { path = '', pathType, backend } = entry;
  const typeField = [...field, 'pathType'];
  if (pathType === undefined) {
    findings.error('required-field', typeField, 'is missing', { example: 'Prefix' });
  } else if (!PATH_TYPES.includes(pathType)) {
    const example = PATH_TYPES.find((type) => type.toLowerCase() === pathType.toLowerCase()) ?? 'Prefix';
    findings.error('invalid-value', typeField, `must be one of ${PATH_TYPES.join(', ')}`, {
      value: pathType,
      example,
    });
  }
  const pathField = [...field, 'path'];
  const specific = pathType === 'ImplementationSpecific';
  if (!path.startsWith('/') && !(specific && path === '')) {
    const message = path === '' ? `is missing; pathType ${pathType ?? 'Prefix'} needs it` : 'must begin with /';
    findings.error('invalid-path', pathField, message, {
      value: path,
      example: `/${path.replace(/^[^\w]+/, '')}`,
    });
  } else if (!specific && UNREACHABLE.test(path)) {
    findings.error(
      'invalid-path',
      pathField,
      'must not contain //, /./, /../ or %2f, which no normalised request contains',
      {
        value: path,
        example: '/shop',
      },
    );
  }
  if (backend === undefined) {
    const backendField = [...field, 'backend'];
    findings.error('required-field', backendField, 'is missing', {
      example: 'service: {name: web, port: {number: 80}}',
    });
  } else checkBackend(backend, [...field, 'backend'], findings);
}

function checkBackend(backend: Loose<V1IngressBackend>, field: FieldPath, findings: Findings): void {
  const { service, resource } = backend;
  if ((service === undefined) === (resource === undefined)) {
    const message =
      service === undefined
        ? 'needs a service or a resource'
        : 'has both a service and a resource; only one is allowed';
    findings.error('invalid-backend', field, message, {
      example: 'service: {name: web, port: {number: 80}}',
    });
  }
  if (service === undefined) return;
  const nameField = [...field, 'service', 'name'];
  if (service.name === undefined || service.name === '') {
    findings.error('required-field', nameField, 'is missing', { example: 'web' });
  } else if (!isServiceName(service.name)) {
    findings.error('invalid-name', nameField, 'must be the name of a Service of the same namespace', {
      value: service.name,
      example: 'web',
    });
  }
  checkPort(service.port, [...field, 'service', 'port'], findings);
}

function checkPort(
  port: { number?: number | undefined; name?: string | undefined } | undefined,
  field: FieldPath,
  findings: Findings,
): void {
  const { number = 0, name = '' } = port ?? {};
  if ((number === 0) === (name === '')) {
    const given = number === 0 ? 'needs a number or a name' : 'has both a number and a name; only one is allowed';
    findings.error('invalid-port', field, given, { example: 'number: 80' });
  } else if (name !== '' && !isPortName(name)) {
    const digits = /^\d+$/.test(name);
    findings.error(
      'invalid-port',
      [...field, 'name'],
      digits
        ? 'is a number; it belongs in port.number'
        : 'must be a port name: at most 15 characters of a-z, 0-9 and -, with a letter',
      {
        value: name,
        example: digits ? `number: ${name}` : 'http',
      },
    );
  } else if (name === '' && !isPort(number)) {
    findings.error('invalid-port', [...field, 'number'], 'must be from 1 to 65535', {
      value: number,
      example: '80',
    });
  }
}
