import { oneWordOf } from './scalars.ts';

/** The method of subrequests to an authentication service. */
export const authMethod = oneWordOf(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE']);
