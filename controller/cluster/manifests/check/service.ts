/** Rules for Services in addition to their shape. */
import type { V1Service, V1ServicePort } from '@kubernetes/client-node';
import type { FieldPath } from '../../../types/problem.ts';
import type { Findings } from '../finding.ts';
import { isPort } from '../../../types/ports.ts';
import { isDnsLabel, isPortName } from '../names.ts';
import type { Loose } from './loose.ts';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

export function checkService(service: Loose<V1Service>, findings: Findings): void {
  const { ports = [], type, clusterIP, externalName } = service.spec ?? {};
  if (type === 'ExternalName' && (externalName ?? '') === '') {
    findings.error('required-field', ['spec', 'externalName'], 'is missing; type ExternalName needs it', {
      example: 'backend.example.com',
    });
  }
  if (ports.length === 0 && type !== 'ExternalName' && clusterIP !== 'None') {
    findings.error('required-field', ['spec', 'ports'], 'must list at least one port', {
      example: '- port: 80',
    });
  }
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const field = ['spec', 'ports', index];
    checkServicePort(port, field, ports.length > 1, findings);
    const name = port.name ?? '';
    if (name !== '' && names.has(name)) {
      findings.error('invalid-port', [...field, 'name'], 'is already the name of an earlier port', {
        value: name,
        example: `${name}-2`,
      });
    }
    names.add(name);
  }
}

function checkServicePort(port: Loose<V1ServicePort>, field: FieldPath, several: boolean, findings: Findings): void {
  const { name = '', port: number, protocol = 'TCP', targetPort } = port;
  if (number === undefined) {
    findings.error('required-field', [...field, 'port'], 'is missing', { example: '80' });
  } else if (!isPort(number)) {
    findings.error('invalid-port', [...field, 'port'], 'must be from 1 to 65535', {
      value: number,
      example: '80',
    });
  }
  if (name === '' && several) {
    findings.error('required-field', [...field, 'name'], 'is missing; a Service with several ports needs it', {
      example: 'http',
    });
  } else if (name !== '' && !isDnsLabel(name)) {
    findings.error('invalid-port', [...field, 'name'], 'must be a label of a-z, 0-9 and -', {
      value: name,
      example: 'http',
    });
  }
  if (!PROTOCOLS.includes(protocol)) {
    findings.error('invalid-value', [...field, 'protocol'], `must be one of ${PROTOCOLS.join(', ')}`, {
      value: protocol,
      example: 'TCP',
    });
  }
  const fits = typeof targetPort === 'number' ? isPort(targetPort) : isPortName(targetPort ?? 'http');
  if (!fits) {
    findings.error(
      'invalid-port',
      [...field, 'targetPort'],
      'must be a number from 1 to 65535 or the name of a container port',
      {
        value: targetPort,
        example: '8080',
      },
    );
  }
}
