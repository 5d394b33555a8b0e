/**
 * Templates with an error that only NGINX detects: each directive of a location is written twice, and NGINX rejects
 * most duplicate directives. An Ingress whose location has no such directive is served as usual.
 */
import { copyTemplates, type Templates } from '../faults/templates.ts';

const DIRECTIVES = `{{#each directives}}
            {{name}}{{#each args}} {{this}}{{/each}};
{{/each}}
{{#each upstreamHeaders}}
            {{directive}} {{name}} {{value}};
{{/each}}
{{#if snippet}}`;

/** Annotations of an Ingress that NGINX rejects with these templates. */
export const REFUSED_ANNOTATIONS = { 'proxy-buffer-size': '8k' } as const;
/** NGINX's message about such an Ingress. */
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
