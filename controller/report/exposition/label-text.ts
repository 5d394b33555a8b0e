/** Labels in the text format of Prometheus. */

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** `namespace="shop",ingress="web"` */
export function labelText(labels: Iterable<readonly [name: string, value: string]>): string {
  return [...labels]
    .map(([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, (character) => ESCAPES[character] ?? '')}"`)
    .join(',');
}

/** The labels in a string that `labelText` has written. */
export function labelsOf(text: string): readonly { readonly name: string; readonly value: string }[] {
  return [...text.matchAll(LABEL)].map(([, name = '', value = '']) => ({
    name,
    value: value.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character)),
  }));
}
