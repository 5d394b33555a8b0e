/** Values from files that are replaced while the process runs: a certificate with its key, and authorities of clients. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Changing, TlsPair } from '../types/changing.ts';
import { errorText } from '../types/error-text.ts';

export interface FileValue<T> extends Changing<T> {
  readonly close: () => void;
}

export interface FileValueOptions {
  /** Called once for each new reason why the files cannot be used. */
  readonly failed: (message: string) => void;
  /** Called when changed files have been read. */
  readonly renewed: (message: string) => void;
  /** Milliseconds between two looks at the files. */
  readonly everyMs?: number;
}

/** The kubelet replaces mounted Secrets about once a minute; the files are small, and reading them is cheap. */
const EVERY_MS = 5_000;

/**
 * Reads files now, and again from time to time. `parse` gets their texts, and throws if they are not usable; the last
 * usable value then stays in use. Resolves after the first reading.
 */
async function fileValue<T>(
  files: readonly string[],
  parse: (texts: readonly string[]) => T,
  { failed, renewed, everyMs = EVERY_MS }: FileValueOptions,
): Promise<FileValue<T>> {
  const names = files.join(' and ');
  const several = files.length > 1;
  const listeners: (() => void)[] = [];
  let value: T | undefined;
  let known = '';
  let complaint = '';

  async function look(): Promise<void> {
    try {
      const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
      const all = texts.join('\0');
      if (all !== known) {
        const isFirst = value === undefined;
        value = parse(texts);
        known = all;
        if (!isFirst || complaint !== '') renewed(`${names} ${several ? 'were' : 'was'} read again`);
        for (const listener of listeners) listener();
      }
      complaint = '';
    } catch (error) {
      const reason = errorText(error);
      const kept =
        value === undefined
          ? `until ${several ? 'they' : 'it'} can be read, nobody can connect`
          : 'what was read before stays in use';
      if (reason !== complaint) failed(`${names} cannot be used: ${reason}; ${kept}`);
      complaint = reason;
    }
  }

  await look();
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => (looking = false));
  }, everyMs);
  timer.unref();
  return {
    current: () => value,
    onChange: (changed) => void listeners.push(changed),
    close: () => clearInterval(timer),
  };
}

/** Throws if the files do not belong together, as for a moment while they are being replaced. */
function pairOf([cert = '', key = '']: readonly string[]): TlsPair {
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new Error('the key does not belong to the certificate');
  return { cert, key };
}

function authoritiesOf([pem = '']: readonly string[]): string {
  void new X509Certificate(pem);
  return pem;
}

/** A certificate and its private key from two PEM files. */
export function pairFromFiles(
  certificate: string,
  key: string,
  options: FileValueOptions,
): Promise<FileValue<TlsPair>> {
  return fileValue([certificate, key], pairOf, options);
}

/** Certificates of authorities from a PEM file. */
export function authoritiesFromFile(file: string, options: FileValueOptions): Promise<FileValue<string>> {
  return fileValue([file], authoritiesOf, options);
}
