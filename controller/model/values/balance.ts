import { oneOf } from './scalars.ts';

/** The algorithm that chooses an endpoint; the names are those of ingress-nginx or nginx. */
export const balance = oneOf(['round_robin', 'ewma', 'least_conn', 'random']);
