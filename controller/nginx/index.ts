export { advisoriesText, advisoryProblems, knownAdvisories } from './advisories.ts';
export { readCapabilities } from './capabilities.ts';
export { createNginx } from './create-nginx.ts';
export { createSidecarNginx } from './create-sidecar-nginx.ts';
export { http3Obstacle } from './http3-obstacle.ts';
export { readRelease } from './nginx-release.ts';
