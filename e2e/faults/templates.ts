/** A copy of the built-in templates that a test can modify. */
import { chmodSync, cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Templates {
  readonly folder: string;
  /** Replaces a string in a template, by default nginx.conf.hbs. Throws if the template does not contain the string. */
  change(from: string, to: string, file?: string): void;
  dispose(): void;
}

const BUILT_IN = fileURLToPath(new URL('../../templates', import.meta.url));

export function copyTemplates(): Templates {
  const base = mkdtempSync(join(tmpdir(), 'tidegate-templates-'));
  // Pods run as another user, who must be able to read the templates.
  chmodSync(base, 0o755);
  const folder = join(base, 'templates');
  cpSync(BUILT_IN, folder, { recursive: true });
  return {
    folder,
    change(from, to, file = 'nginx.conf.hbs') {
      const path = join(folder, file);
      const text = readFileSync(path, 'utf8');
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
      writeFileSync(join(base, 'next'), text.replace(from, to));
      renameSync(join(base, 'next'), path);
    },
    dispose: () => rmSync(base, { recursive: true, force: true }),
  };
}
