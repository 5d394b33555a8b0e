/** Lists of errors that nobody has pages for: their statuses become the 404 that is built in. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import { type Problem, shorten } from '../../types/problem.ts';
import type { LocationContext } from '../features/annotation.ts';

const WHY = 'names statuses, and no Service gives the pages: every answer with one of them becomes the built-in 404';

/** Said of an Ingress that has neither a `default-backend` nor that of the installation. */
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

/** Said of the ConfigMap, whose list only the default backend of the installation has pages for. */
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
