import { oneOf } from './scalars.ts';

/** Ways to choose an endpoint; the words of ingress-nginx, where they are not implementation names, and of nginx. */
export const balance = oneOf(['round_robin', 'ewma', 'least_conn', 'random']);
