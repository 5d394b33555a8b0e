import { accept, type Parser, reject } from '../contract/parser.ts';

const LABEL = '[a-z0-9]([a-z0-9-]*[a-z0-9])?';
const HOST = new RegExp(`^${LABEL}(\\.${LABEL})*$`);

/** Whether a string is a DNS name in lower case, of at most 253 characters. */
export function isHostname(text: string): boolean {
  return text.length <= 253 && HOST.test(text);
}

/**
 * Whether the last label is a number, decimal or hexadecimal. Browsers and many other clients parse such a host as an
 * IPv4 address (URL Standard, "ends in a number"): `2130706433`, `0x7f.1` and `127.1` are 127.0.0.1.
 */
export function isNumericHost(text: string): boolean {
  return /(^|\.)(\d+|0x[0-9a-f]*)\.?$/i.test(text);
}

/**
 * Whether a string can be the host of an Ingress rule: a DNS name, optionally after `*.`, or empty (the catch-all
 * host).
 */
export function isRuleHost(text: string): boolean {
  return text === '' || isHostname(text.startsWith('*.') ? text.slice(2) : text);
}

/** Whether a string can be the name of a Service, or of one of its ports. */
export function isLabel(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}

export const hostname: Parser<string> = {
  accepts: 'a DNS name',
  parse: (raw) => {
    const name = raw.toLowerCase();
    return isHostname(name) ? accept(name) : reject('is not a DNS name');
  },
};

const OBJECT_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** `namespace/name` of an object. */
export const namespacedName: Parser<{ readonly namespace: string; readonly name: string }> = {
  accepts: 'namespace/name',
  parse: (raw) => {
    const [namespace = '', name = '', ...rest] = raw.split('/');
    if (rest.length > 0 || !OBJECT_NAME.test(namespace) || !OBJECT_NAME.test(name))
      return reject('is not namespace/name');
    return accept({ namespace, name });
  },
};

/** `namespace/name` of an object, as one string: the key by which objects are looked up. */
export const objectKey: Parser<string> = {
  accepts: namespacedName.accepts,
  parse: (raw) => {
    const parsed = namespacedName.parse(raw);
    return parsed.ok ? accept(raw) : parsed;
  },
};

/** The name of an object, optionally with a namespace; without one, `namespace` is undefined. */
export const ownName: Parser<{ readonly namespace: string | undefined; readonly name: string }> = {
  accepts: 'a name, or namespace/name',
  parse: (raw) => {
    if (OBJECT_NAME.test(raw)) return accept({ namespace: undefined, name: raw });
    const parsed = namespacedName.parse(raw);
    return parsed.ok ? parsed : reject('is neither a name nor namespace/name');
  },
};

/** A file name without a folder. */
export const fileName: Parser<string> = {
  accepts: 'letters, digits and ._-, at most 255 characters',
  parse: (raw) => (/^[A-Za-z0-9._-]{1,255}$/.test(raw) ? accept(raw) : reject('is not a file name')),
};
