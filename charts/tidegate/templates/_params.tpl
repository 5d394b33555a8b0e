{{/* The flags of `tidegate controller` as one map, so that extraArgs override the flags of the chart, and each flag is
     given once. */}}
{{- define "tidegate.flags" -}}
{{- $c := .Values.controller -}}
{{- $namespace := include "tidegate.namespace" . -}}
{{- $controller := include "tidegate.controller.fullname" . -}}
{{- $extra := include "tidegate.extraArgs" . | fromYaml -}}
{{- $ports := include "tidegate.ports" . | fromYaml -}}
{{- $flags := dict
  "run-dir" "/run/tidegate"
  "http-port" 80
  "https-port" 443
  "http-listen-port" $ports.http
  "https-listen-port" $ports.https
  "controller-class" $c.ingressClassResource.controllerValue
  "configmap" (printf "%s/%s" (default $namespace $c.configMapNamespace) $controller)
  "election-id" (include "tidegate.electionID" .)
  "enable-metrics" $c.metrics.enabled
-}}
{{- with $c.ingressClass }}{{ $_ := set $flags "ingress-class" . }}{{ end -}}
{{- if and $c.publishService.enabled $c.service.enabled (not (hasKey $extra "publish-status-address")) -}}
{{- $service := ternary $controller (printf "%s-internal" $controller) $c.service.external.enabled -}}
{{- $_ := set $flags "publish-service" (tpl $c.publishService.pathOverride . | default (printf "%s/%s" $namespace $service)) -}}
{{- end -}}
{{- if .Values.defaultBackend.enabled -}}
{{- $_ := set $flags "default-backend-service" (printf "%s/%s" $namespace (include "tidegate.defaultBackend.fullname" .)) -}}
{{- end -}}
{{- if $c.scope.enabled -}}
{{- $_ := set $flags "watch-namespace" (include "tidegate.scopeNamespace" .) -}}
{{- else if $c.scope.namespaceSelector -}}
{{- $_ := set $flags "watch-namespace-selector" $c.scope.namespaceSelector -}}
{{- end -}}
{{- if and $c.reportNodeInternalIp $c.hostNetwork }}{{ $_ := set $flags "report-node-internal-ip-address" true }}{{ end -}}
{{- if $c.watchIngressWithoutClass }}{{ $_ := set $flags "watch-ingress-without-class" true }}{{ end -}}
{{- if $c.ingressClassByName }}{{ $_ := set $flags "ingress-class-by-name" true }}{{ end -}}
{{- if $c.enableTopologyAwareRouting }}{{ $_ := set $flags "enable-topology-aware-routing" true }}{{ end -}}
{{- if $c.isolateNamespaces }}{{ $_ := set $flags "isolate-namespaces" true }}{{ end -}}
{{- /* YAML reads off without quotes as false. */ -}}
{{- if has (toString $c.hostOwnership) (list "namespaces" "configmap") }}{{ $_ := set $flags "host-ownership" $c.hostOwnership }}{{ end -}}
{{- range $protocol := list "tcp" "udp" -}}
{{- if index $.Values $protocol }}{{ $_ := set $flags (printf "%s-services-configmap" $protocol) (include "tidegate.streamConfigMap" (dict "context" $ "protocol" $protocol)) }}{{ end -}}
{{- end -}}
{{- with $c.hostPolicyConfigMap }}{{ $_ := set $flags "host-policy-configmap" (tpl . $) }}{{ end -}}
{{- with $c.wildcardCertificatesNamespace }}{{ $_ := set $flags "wildcard-certificates-namespace" (tpl . $) }}{{ end -}}
{{- if $c.disableLeaderElection }}{{ $_ := set $flags "disable-leader-election" true }}{{ end -}}
{{- if not $c.enableAnnotationValidations }}{{ $_ := set $flags "enable-annotation-validation" false }}{{ end -}}
{{- with $c.electionTTL }}{{ $_ := set $flags "election-ttl" . }}{{ end -}}
{{- with $c.inspectionPort }}{{ $_ := set $flags "inspection-port" . }}{{ end -}}
{{- with $c.healthCheckHost }}{{ $_ := set $flags "healthz-host" . }}{{ end -}}
{{- if ne $c.healthCheckPath "/healthz" }}{{ $_ := set $flags "health-check-path" $c.healthCheckPath }}{{ end -}}
{{- if ne (int $c.metrics.port) 10254 }}{{ $_ := set $flags "healthz-port" $c.metrics.port }}{{ end -}}
{{- if gt (int .Values.manager.shutdownGracePeriodSeconds) 0 -}}
{{- $_ := set $flags "shutdown-grace-period" .Values.manager.shutdownGracePeriodSeconds -}}
{{- end -}}
{{- $webhook := include "tidegate.webhookFlags" . | fromYaml -}}
{{- toYaml (mergeOverwrite $flags $webhook $extra) -}}
{{- end -}}

{{/* The flags as arguments of the container. A flag with an empty value is written without a value; a list is written as
     a comma-separated value. */}}
{{- define "tidegate.args" -}}
- controller
{{- range $name, $value := include "tidegate.flags" . | fromYaml }}
- {{ include "tidegate.flag" (dict "name" $name "value" $value) | quote }}
{{- end }}
{{- end -}}

{{- define "tidegate.flag" -}}
--{{ .name }}
{{- if kindIs "slice" .value -}}
={{ join "," .value }}
{{- else if not (or (kindIs "invalid" .value) (eq (toString .value) "")) -}}
={{ include "tidegate.text" .value }}
{{- end -}}
{{- end -}}

{{/* A value as text. Helm reads numbers as floats, and toString would print 10000000 as 1e+07. */}}
{{- define "tidegate.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}
{{- int64 . -}}
{{- else -}}
{{- toString . -}}
{{- end -}}
{{- end -}}
