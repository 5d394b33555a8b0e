import { oneOf } from './scalars.ts';

/** Ways to choose an endpoint, named as in ingress-nginx or nginx. */
export const balance = oneOf(['round_robin', 'ewma', 'least_conn', 'random']);
