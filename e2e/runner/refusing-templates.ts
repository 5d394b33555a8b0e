/**
 * Templates with an error that only nginx sees: each directive of a location is written twice, and nginx refuses most
 * duplicates. An Ingress without such directives is fine. What the model refuses itself never gets there.
 */
import { copyTemplates, type Templates } from '../faults/templates.ts';

const DIRECTIVES = `{{#each directives}}
            {{name}}{{#each args}} {{this}}{{/each}};
{{/each}}
{{#each upstreamHeaders}}
            {{directive}} {{name}} {{value}};
{{/each}}
{{#if snippet}}`;

/** Annotations of an Ingress that nginx refuses with these templates, and its message. */
export const REFUSED_ANNOTATIONS = { 'proxy-buffer-size': '8k' } as const;
export const REFUSAL = /"proxy_buffer_size" directive is duplicate/;

export function refusingTemplates(): Templates {
  const templates = copyTemplates();
  const twice = DIRECTIVES.replace(
    '{{/each}};\n',
    '{{/each}};\n            {{name}}{{#each args}} {{this}}{{/each}};\n',
  );
  templates.change(DIRECTIVES, twice, 'server.hbs');
  return templates;
}
