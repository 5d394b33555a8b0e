import { oneOf } from './scalars.ts';

/** Methods of a question to the service of an external authentication. */
export const authMethod = oneOf(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE']);
