import { oneOf } from './scalars.ts';

/** Methods of a subrequest to an authorization service. */
export const authMethod = oneOf(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE']);
