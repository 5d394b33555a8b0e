import { z } from 'zod';
import { SERVICE_PORT, COUNT, pageOf } from './parts.ts';

const ENDPOINT = z.object({
  address: z.string().describe('IP address, IPv6 without brackets'),
  port: COUNT.describe('port of the Pod'),
  weight: COUNT.describe('weight relative to the other endpoints'),
  leftOutSeconds: z
    .number()
    .nullable()
    .describe(
      'how many more seconds a worker of NGINX leaves the endpoint out because requests failed; null if it is in use',
    ),
});

export const BACKEND_ITEM = z
  .object({
    backend: SERVICE_PORT.describe('the Service port'),
    key: z.string().describe('key of the backend in the live data, without its `b:`'),
    endpoints: z.array(ENDPOINT).describe('where its requests go'),
  })
  .meta({ id: 'Backend', description: 'a Service port with the endpoints that NGINX uses' });

export type BackendItem = z.output<typeof BACKEND_ITEM>;
export const BACKENDS = pageOf(BACKEND_ITEM).extend({
  health: z
    .boolean()
    .describe(
      'whether a worker of NGINX reported which endpoints it leaves out; each worker counts failures separately',
    ),
});
