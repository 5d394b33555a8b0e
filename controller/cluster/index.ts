export { convertIngress } from './manifests/convert.ts';
export type { Conversion } from './manifests/convert.ts';
export { convertManifests } from './manifests/convert-manifests.ts';
export type { ConvertedText } from './manifests/convert-manifests.ts';
export { readManifests } from './manifests/read-manifests.ts';
export type { ManifestSet } from './manifests/read-manifests.ts';
export { watchManifests } from './manifests/watch-manifests.ts';
export type { ManifestWatch, WatchOptions } from './manifests/watch-manifests.ts';
export { type NameWatch, watchNames } from './dns-names.ts';
