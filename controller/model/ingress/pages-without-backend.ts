/** Problems of `custom-http-errors` if no Service provides error pages: NGINX then answers with the built-in 404. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import { type Problem, shorten } from '../../types/problem.ts';
import type { LocationContext } from '../features/annotation.ts';

const WHY =
  'names statuses, but no Service provides error pages: every response with one of these statuses becomes the ' +
  'built-in 404';

/** The Problem of the annotation, if neither the Ingress nor the installation has a default backend. */
export function pagesOfNobody({ annotationField }: LocationContext): Omit<Problem, 'object'> {
  const field = annotationField('custom-http-errors');
  return {
    code: 'pages-without-backend',
    severity: 'warning',
    effect: 'none',
    field,
    message: `custom-http-errors ${WHY}`,
    example: `${annotationField('default-backend').at(-1)}: "error-pages"`,
  };
}

/** The Problem of the ConfigMap key, if the installation has no default backend. */
export function settingPagesOfNobody({ metadata, data }: V1ConfigMap): Problem {
  return {
    code: 'pages-without-backend',
    severity: 'warning',
    effect: 'none',
    object: { kind: 'ConfigMap', namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' },
    field: ['data', 'custom-http-errors'],
    value: shorten(data?.['custom-http-errors']),
    message: `custom-http-errors ${WHY}`,
    example: '--default-backend-service=ingress-nginx/error-pages',
  };
}
