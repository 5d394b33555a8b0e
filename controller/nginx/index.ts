export { readCapabilities } from './capabilities.ts';
export { createNginx } from './create-nginx.ts';
