/** The keys of ingress-nginx 1.15 as plain data: names, aliases, defaults. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);

const annotation = z.strictObject({
  name: z.string(),
  aliases: z.array(z.string()),
  /** Null: the annotation is not set. */
  default: value,
  /** Key of the ConfigMap that contains the default. */
  setting: z.string().nullable(),
});

const setting = z.strictObject({ name: z.string(), default: value });

async function read<T>(file: string, shape: z.ZodType<T>): Promise<readonly T[]> {
  return z.array(shape).parse(JSON.parse(await readFile(new URL(file, import.meta.url), 'utf8')));
}

export const ANNOTATIONS = await read('annotations.json', annotation);
/** Every key that the ConfigMap can set. */
export const SETTINGS = await read('settings.json', setting);

/** A default as it would be written in a manifest. */
export function asWritten(standard: z.infer<typeof value>): string {
  return Array.isArray(standard) ? standard.join(',') : String(standard ?? '');
}
