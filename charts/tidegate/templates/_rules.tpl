{{/* Permissions, with one list of rules for each purpose. docs/security.md explains why each rule is needed; change both
     together. */}}

{{- define "tidegate.rules.routing" }}
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [get, list, watch]
- apiGroups: ['']
  resources: [services]
  verbs: [get, list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [get, list, watch]
- apiGroups: ['']
  resources: [configmaps]
  verbs: [get, list, watch]
{{- end }}

{{/* Permission to read the Secrets in a list of names, or all Secrets if the list is empty. resourceNames also permit a
     watch that selects a single name. */}}
{{- define "tidegate.rules.secrets" }}
- apiGroups: ['']
  resources: [secrets]
  {{- with . }}
  resourceNames: {{ toYaml . | nindent 4 }}
  {{- end }}
  verbs: [get, list, watch]
{{- end }}

{{- define "tidegate.rules.reporting" }}
{{- $extra := include "tidegate.extraArgs" . | fromYaml }}
{{- if and (not .Values.controller.disableLeaderElection) (ne (toString (index $extra "update-status")) "false") }}
- apiGroups: [networking.k8s.io]
  resources: [ingresses/status]
  verbs: [get, update, patch]
{{- end }}
- apiGroups: ['']
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- define "tidegate.rules.classes" }}
- apiGroups: [networking.k8s.io]
  resources: [ingressclasses]
  verbs: [get, list, watch]
{{- end }}

{{/* Permission to write the CA of the admission webhook into its configuration, which is cluster-scoped. */}}
{{- define "tidegate.rules.webhook" }}
{{- if eq (include "tidegate.webhookOwnCertificate" .) "true" }}
- apiGroups: [admissionregistration.k8s.io]
  resources: [validatingwebhookconfigurations]
  resourceNames: [{{ include "tidegate.webhookName" . }}]
  verbs: [get, patch]
{{- end }}
{{- end }}

{{/* "true" if `helm uninstall` removes the addresses from the status of Ingresses. */}}
{{- define "tidegate.clearsStatus" -}}
{{- $extra := include "tidegate.extraArgs" . | fromYaml -}}
{{- $writes := and (not .Values.controller.disableLeaderElection) (ne (toString (index $extra "update-status")) "false") (ne (toString (index $extra "update-status-on-shutdown")) "false") -}}
{{- and .Values.controller.clearStatusOnUninstall $writes .Values.serviceAccount.automountServiceAccountToken -}}
{{- end -}}

{{/* "true" if the controller reads Node objects: their addresses are published in the status, or topology-aware routing
     needs the zone of the controller's own node. */}}
{{- define "tidegate.readsNodes" -}}
{{- $c := .Values.controller -}}
{{- $extra := include "tidegate.extraArgs" . | fromYaml -}}
{{- $published := or (and $c.publishService.enabled $c.service.enabled) (hasKey $extra "publish-status-address") (hasKey $extra "publish-service") -}}
{{- $zone := or $c.enableTopologyAwareRouting (and (hasKey $extra "enable-topology-aware-routing") (ne (toString (index $extra "enable-topology-aware-routing")) "false")) -}}
{{- or (not $published) $zone -}}
{{- end -}}

{{- define "tidegate.clusterRules" -}}
{{- $c := .Values.controller -}}
{{- $extra := include "tidegate.extraArgs" . | fromYaml -}}
{{- include "tidegate.rules.classes" . }}
{{- include "tidegate.rules.webhook" . }}
{{- if eq (include "tidegate.readsNodes" .) "true" }}
- apiGroups: ['']
  resources: [nodes]
  verbs: [get, list, watch]
{{- end }}
{{- if $c.scope.enabled }}
- apiGroups: ['']
  resources: [namespaces]
  resourceNames: [{{ include "tidegate.scopeNamespace" . }}]
  verbs: [get]
{{- else }}
{{- include "tidegate.rules.routing" . }}
{{- if not .Values.rbac.secrets }}
{{- include "tidegate.rules.secrets" list }}
{{- end }}
{{- $flags := include "tidegate.flags" . | fromYaml }}
{{- if or $c.scope.namespaceSelector (hasKey $extra "watch-namespace-selector") (eq (index $flags "host-ownership" | default "off") "namespaces") }}
- apiGroups: ['']
  resources: [namespaces]
  verbs: [get, list, watch]
{{- end }}
{{- include "tidegate.rules.reporting" . }}
{{- end }}
{{- end -}}

{{/* Rules for the controller's own namespace, which apply in every mode. */}}
{{- define "tidegate.ownRules" -}}
- apiGroups: ['']
  resources: [pods]
  verbs: [get, list, watch]
{{- if not .Values.controller.disableLeaderElection }}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ include "tidegate.electionID" . }}]
  verbs: [get, update, patch]
{{- /* No resourceNames: they cannot restrict the creation of an object. */}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
{{- end }}
{{- if eq (include "tidegate.webhookOwnCertificate" .) "true" }}
- apiGroups: ['']
  resources: [secrets]
  resourceNames: [{{ include "tidegate.webhookSecret" . }}]
  verbs: [get, list, watch, patch]
{{- if .Values.controller.admissionWebhooks.recreateSecret }}
{{- /* No resourceNames: they cannot restrict the creation of an object. */}}
- apiGroups: ['']
  resources: [secrets]
  verbs: [create]
{{- end }}
{{- end }}
{{- end -}}

{{/* The names of Secrets in the release's namespace to which values, settings or flags refer: DH parameters and the
     default certificate. A YAML list. */}}
{{- define "tidegate.ownSecrets" -}}
{{- $extra := include "tidegate.extraArgs" . | fromYaml -}}
{{- $names := list -}}
{{- if .Values.dhParam }}{{ $names = append $names (include "tidegate.controller.fullname" .) }}{{ end -}}
{{- $parameters := tpl (index .Values.controller.config "ssl-dh-param" | default "") . -}}
{{- range list $parameters (index $extra "default-ssl-certificate" | default "") -}}
{{- $parts := splitList "/" . -}}
{{- if and (eq (len $parts) 2) (eq (first $parts) (include "tidegate.namespace" $)) }}{{ $names = append $names (last $parts) }}{{ end -}}
{{- end -}}
{{- toYaml ($names | uniq) -}}
{{- end -}}

{{/* Rules by namespace, as YAML {namespace: text}: for the release's namespace, the namespace that
     controller.scope.enabled watches, and the namespaces in rbac.secrets. */}}
{{- define "tidegate.namespacedRules" -}}
{{- $own := include "tidegate.namespace" . -}}
{{- $rules := dict $own (include "tidegate.ownRules" .) -}}
{{- $secrets := dict -}}
{{- if .Values.controller.scope.enabled -}}
{{- $scope := include "tidegate.scopeNamespace" . -}}
{{- if ne $scope $own -}}
{{- /* The ConfigMap, the published Service and the default backend are in the release's own namespace. */ -}}
{{- $_ := set $rules $own (print (index $rules $own) (include "tidegate.rules.routing" .)) -}}
{{- end -}}
{{- $_ := set $rules $scope (print (index $rules $scope | default "") (include "tidegate.rules.routing" .) (include "tidegate.rules.reporting" .)) -}}
{{- $_ := set $secrets $scope (index .Values.rbac.secrets $scope | default list) -}}
{{- else -}}
{{- range $namespace, $names := .Values.rbac.secrets }}{{ $_ := set $secrets $namespace $names }}{{ end -}}
{{- end -}}
{{- $ownSecrets := include "tidegate.ownSecrets" . | fromYamlArray -}}
{{- if and $ownSecrets (or .Values.controller.scope.enabled .Values.rbac.secrets) -}}
{{- if not (hasKey $secrets $own) }}{{ $_ := set $secrets $own $ownSecrets }}
{{- else if index $secrets $own }}{{ $_ := set $secrets $own (concat (index $secrets $own) $ownSecrets | uniq) }}{{ end -}}
{{- end -}}
{{- $pool := index (include "tidegate.flags" . | fromYaml) "wildcard-certificates-namespace" -}}
{{- if and $pool (or .Values.controller.scope.enabled .Values.rbac.secrets) }}{{ $_ := set $secrets $pool list }}{{ end -}}
{{- range $namespace, $names := $secrets -}}
{{- $_ := set $rules $namespace (print (index $rules $namespace | default "") (include "tidegate.rules.secrets" $names)) -}}
{{- end -}}
{{- toYaml $rules -}}
{{- end -}}
