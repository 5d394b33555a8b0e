/** Labels in the text format of Prometheus. */

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

/** `namespace="shop",ingress="web"` */
export function labelText(labels: Iterable<readonly [name: string, value: string]>): string {
  return [...labels]
    .map(([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, (character) => ESCAPES[character] ?? '')}"`)
    .join(',');
}
