export { convertIngress } from './manifests/convert.ts';
export type { Conversion } from './manifests/convert.ts';
export { convertManifests } from './manifests/convert-manifests.ts';
export type { ConvertedText } from './manifests/convert-manifests.ts';
export { readManifests } from './manifests/read-manifests.ts';
export type {
  InstalledObject,
  ManifestSet,
  ManifestsOnce,
  ReadingCounts,
  ReadingOptions,
  RefusedIngress,
} from './manifests/read-manifests.ts';
export { watchManifests } from './manifests/watch-manifests.ts';
export type { ManifestWatch, WatchOptions } from './manifests/watch-manifests.ts';
export { type NameWatch, watchNames } from './dns-names.ts';
export { loadApi } from './api/connection.ts';
export type { ApiConnection } from './api/connection.ts';
export type { ApiOptions } from './api/credentials.ts';
export { loadPortForward, type OpenPodPort, type PodPort } from './api/port-forward.ts';
export { type ApiWatch, watchApi, type WatchApiOptions } from './api/watch-api.ts';
export { admissionReaders, readReviewedIngress } from './api/admission-reader.ts';
export { createLookUp, type LookUp } from './api/look-up.ts';
export { type ClusterSurvey, readConfigMaps, surveyCluster } from './api/survey.ts';
export { watchSecret } from './api/watch-secret.ts';
export { type IntermediateWatch, watchIntermediates } from './intermediates/watch.ts';
export { readZone } from './own-zone.ts';
export { checkNamespace } from './watched-namespace.ts';
