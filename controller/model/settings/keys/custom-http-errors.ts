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
        'Answers with these statuses, of endpoints and of NGINX itself, are replaced by what the default backend ' +
        '(`--default-backend-service`) answers, or by the built-in 404. For Ingresses without a list of their own. Statuses ' +
        'that cannot be read are dropped, the others hold.',
      good: ['404,503', '302, 500'],
      bad: ['200', '499', 'all'],
    },
    'disable-proxy-intercept-errors': {
      parser: bool,
      fallback: false,
      about:
        'Answers of endpoints pass whatever their status; `custom-http-errors` of this ConfigMap is left to errors of NGINX ' +
        'itself. It is no default of the annotation.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
  },
});
