export { readCapabilities } from './capabilities.ts';
export { createNginx } from './create-nginx.ts';
export { createSidecarNginx } from './create-sidecar-nginx.ts';
