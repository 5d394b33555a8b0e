import { oneWordOf } from './scalars.ts';

/** The algorithm that chooses an endpoint; the names are those of ingress-nginx or nginx. */
export const balance = oneWordOf(['round_robin', 'ewma', 'least_conn', 'random']);
