/** Validates a software bill of materials with the schema of CycloneDX 1.6. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

const SCHEMAS = new URL('../../node_modules/@cyclonedx/cyclonedx-library/res/schema/', import.meta.url);

function schema(name: string): object {
  return JSON.parse(readFileSync(new URL(name, SCHEMAS), 'utf8')) as object;
}

/** What is wrong with the document; empty if it is valid. */
export function sbomFaults(text: string): readonly string[] {
  // ajv-formats lacks two formats that the schema uses.
  const ajv = new Ajv({ strict: false, formats: { 'idn-email': true, 'iri-reference': true } });
  formats.default(ajv);
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema(schema(`${name}.SNAPSHOT.schema.json`), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  const validate = ajv.compile(schema('bom-1.6.SNAPSHOT.schema.json'));
  validate(JSON.parse(text));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
