/** Rules for Secrets and ConfigMaps in addition to their shape. Findings never contain a value. */
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import type { FieldPath } from '../../../types/problem.ts';
import type { Findings } from '../finding.ts';
import type { Loose } from './loose.ts';

const KEY = /^[-._a-zA-Z0-9]{1,253}$/;

export function checkConfigMap(configMap: Loose<V1ConfigMap>, findings: Findings): void {
  checkKeys(configMap.data, ['data'], findings);
  checkKeys(configMap.binaryData, ['binaryData'], findings);
  checkBase64(configMap.binaryData, ['binaryData'], 'text goes into data', findings);
}

export function checkSecret(secret: Loose<V1Secret>, findings: Findings): void {
  checkKeys(secret.data, ['data'], findings);
  checkKeys(secret.stringData, ['stringData'], findings);
  checkBase64(secret.data, ['data'], 'plain text goes into stringData', findings);
}

/** Merges `stringData` into `data`, overriding keys of the same name, as the API server does. */
export function mergeStringData(secret: Loose<V1Secret>): Loose<V1Secret> {
  const { stringData, ...rest } = secret;
  if (stringData === undefined) return secret;
  const added = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text ?? '').toString('base64')]);
  return { ...rest, data: { ...rest.data, ...(Object.fromEntries(added) as Record<string, string>) } };
}

type Data = { readonly [key: string]: string | undefined } | undefined;

function checkKeys(data: Data, field: FieldPath, findings: Findings): void {
  for (const key of Object.keys(data ?? {})) {
    if (KEY.test(key)) continue;
    findings.error(
      'invalid-name',
      [...field, key],
      'is not a valid key: a key may contain only a-z, A-Z, 0-9, -, _ and .',
      {
        example: 'tls.crt',
      },
    );
  }
}

function checkBase64(data: Data, field: FieldPath, otherwise: string, findings: Findings): void {
  for (const [key, text = ''] of Object.entries(data ?? {})) {
    // Line breaks are allowed: `base64` writes them, and the API server ignores them.
    const packed = text.replace(/[\r\n]/g, '');
    if (packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed)) continue;
    findings.error('invalid-base64', [...field, key], `must be base64; ${otherwise}`, {
      example: 'aGVsbG8=',
    });
  }
}
