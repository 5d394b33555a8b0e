import { settings } from '../../contract/setting.ts';
import { bool } from '../../values/scalars.ts';
import { statusCodes } from '../../values/status-codes.ts';

export default settings({
  chapter: 'Errors',
  keys: {
    'custom-http-errors': {
      parser: statusCodes(300),
      fallback: [],
      about:
        'Responses with these statuses, whether from endpoints or from NGINX itself, are replaced by the response of ' +
        'the default backend (`--default-backend-service`), or by the built-in 404. The key applies to Ingresses ' +
        'without the annotation `custom-http-errors`. Invalid statuses are dropped; the others apply.',
      good: ['404,503', '302, 500'],
      bad: ['200', '499', 'all'],
    },
    'disable-proxy-intercept-errors': {
      parser: bool,
      fallback: false,
      about:
        'Responses of endpoints are passed on whatever their status; `custom-http-errors` of this ConfigMap ' +
        'applies only to errors of NGINX itself. This key is not a default for the annotation of the same name.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
  },
});
