import { oneOf } from './scalars.ts';

/** The method of subrequests to an authorization service. */
export const authMethod = oneOf(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE']);
