/**
 * The fields of every type that is read, from the generated models of client-node. The 32 model files are imported one
 * by one, which takes 20 ms. The package's entry point would take 250 ms and 60 MB.
 */
import { DiscoveryV1EndpointPort } from '@kubernetes/client-node/dist/gen/models/DiscoveryV1EndpointPort.js';
import { V1ClientIPConfig } from '@kubernetes/client-node/dist/gen/models/V1ClientIPConfig.js';
import { V1ConfigMap } from '@kubernetes/client-node/dist/gen/models/V1ConfigMap.js';
import { V1Endpoint } from '@kubernetes/client-node/dist/gen/models/V1Endpoint.js';
import { V1EndpointConditions } from '@kubernetes/client-node/dist/gen/models/V1EndpointConditions.js';
import { V1EndpointHints } from '@kubernetes/client-node/dist/gen/models/V1EndpointHints.js';
import { V1EndpointSlice } from '@kubernetes/client-node/dist/gen/models/V1EndpointSlice.js';
import { V1ForNode } from '@kubernetes/client-node/dist/gen/models/V1ForNode.js';
import { V1ForZone } from '@kubernetes/client-node/dist/gen/models/V1ForZone.js';
import { V1HTTPIngressPath } from '@kubernetes/client-node/dist/gen/models/V1HTTPIngressPath.js';
import { V1HTTPIngressRuleValue } from '@kubernetes/client-node/dist/gen/models/V1HTTPIngressRuleValue.js';
import { V1Ingress } from '@kubernetes/client-node/dist/gen/models/V1Ingress.js';
import { V1IngressBackend } from '@kubernetes/client-node/dist/gen/models/V1IngressBackend.js';
import { V1IngressClass } from '@kubernetes/client-node/dist/gen/models/V1IngressClass.js';
import { V1IngressClassParametersReference } from '@kubernetes/client-node/dist/gen/models/V1IngressClassParametersReference.js';
import { V1IngressClassSpec } from '@kubernetes/client-node/dist/gen/models/V1IngressClassSpec.js';
import { V1IngressRule } from '@kubernetes/client-node/dist/gen/models/V1IngressRule.js';
import { V1IngressServiceBackend } from '@kubernetes/client-node/dist/gen/models/V1IngressServiceBackend.js';
import { V1IngressSpec } from '@kubernetes/client-node/dist/gen/models/V1IngressSpec.js';
import { V1IngressTLS } from '@kubernetes/client-node/dist/gen/models/V1IngressTLS.js';
import { V1Namespace } from '@kubernetes/client-node/dist/gen/models/V1Namespace.js';
import { V1NamespaceSpec } from '@kubernetes/client-node/dist/gen/models/V1NamespaceSpec.js';
import { V1ObjectMeta } from '@kubernetes/client-node/dist/gen/models/V1ObjectMeta.js';
import { V1ObjectReference } from '@kubernetes/client-node/dist/gen/models/V1ObjectReference.js';
import { V1OwnerReference } from '@kubernetes/client-node/dist/gen/models/V1OwnerReference.js';
import { V1Secret } from '@kubernetes/client-node/dist/gen/models/V1Secret.js';
import { V1Service } from '@kubernetes/client-node/dist/gen/models/V1Service.js';
import { V1ServiceBackendPort } from '@kubernetes/client-node/dist/gen/models/V1ServiceBackendPort.js';
import { V1ServicePort } from '@kubernetes/client-node/dist/gen/models/V1ServicePort.js';
import { V1ServiceSpec } from '@kubernetes/client-node/dist/gen/models/V1ServiceSpec.js';
import { V1SessionAffinityConfig } from '@kubernetes/client-node/dist/gen/models/V1SessionAffinityConfig.js';
import { V1TypedLocalObjectReference } from '@kubernetes/client-node/dist/gen/models/V1TypedLocalObjectReference.js';

interface Model {
  getAttributeTypeMap(): { baseName: string; type: string; format: string }[];
}

const MODELS: { readonly [type: string]: Model } = {
  DiscoveryV1EndpointPort,
  V1ClientIPConfig,
  V1ConfigMap,
  V1Endpoint,
  V1EndpointConditions,
  V1EndpointHints,
  V1EndpointSlice,
  V1ForNode,
  V1ForZone,
  V1HTTPIngressPath,
  V1HTTPIngressRuleValue,
  V1Ingress,
  V1IngressBackend,
  V1IngressClass,
  V1IngressClassParametersReference,
  V1IngressClassSpec,
  V1IngressRule,
  V1IngressServiceBackend,
  V1IngressSpec,
  V1IngressTLS,
  V1Namespace,
  V1NamespaceSpec,
  V1ObjectMeta,
  V1ObjectReference,
  V1OwnerReference,
  V1Secret,
  V1Service,
  V1ServiceBackendPort,
  V1ServicePort,
  V1ServiceSpec,
  V1SessionAffinityConfig,
  V1TypedLocalObjectReference,
};

/** Field name → type, in the notation of the generated models: `string`, `Array<V1IngressRule>`, … */
export type FieldTypes = ReadonlyMap<string, string>;

const fieldTypes = new Map<string, FieldTypes>();

/** The fields of a type; undefined if the type is not an object. */
export function fieldsOf(type: string): FieldTypes | undefined {
  const known = fieldTypes.get(type);
  if (known !== undefined) return known;
  const model = Object.hasOwn(MODELS, type) ? MODELS[type] : undefined;
  if (model === undefined) return undefined;
  const fields = new Map(model.getAttributeTypeMap().map(({ baseName, type: fieldType }) => [baseName, fieldType]));
  fieldTypes.set(type, fields);
  return fields;
}
