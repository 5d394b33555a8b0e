{{/* The flags in controller.extraArgs and manager.extraArgs, as one map; manager.extraArgs take precedence. */}}
{{- define "tidegate.extraArgs" -}}
{{- mergeOverwrite (deepCopy .Values.controller.extraArgs) .Values.manager.extraArgs | toYaml -}}
{{- end -}}

{{/* The port of /healthz and /metrics. */}}
{{- define "tidegate.healthPort" -}}
{{- $extra := include "tidegate.extraArgs" . | fromYaml -}}
{{- index $extra "healthz-port" | default .Values.controller.metrics.port | int -}}
{{- end -}}

{{/* The port on which NGINX itself answers /ready. */}}
{{- define "tidegate.statusPort" -}}
{{- $extra := include "tidegate.extraArgs" . | fromYaml -}}
{{- index $extra "status-port" | default 10246 | int -}}
{{- end -}}

{{/* The ports that NGINX binds, as YAML {http: …, https: …}. Without hostNetwork, 80 and 443 (the old chart's defaults)
     count as not set: no container of the Pod has the capability to bind them, and clients connect to the Service's
     ports. */}}
{{- define "tidegate.ports" -}}
{{- $host := .Values.controller.hostNetwork -}}
{{- $defaults := ternary (dict "http" 80 "https" 443) (dict "http" 8080 "https" 8443) $host -}}
{{- $ports := dict -}}
{{- range $name, $old := dict "http" 80 "https" 443 -}}
{{- $given := index $.Values.controller.containerPort $name | default 0 | int -}}
{{- $unset := or (eq $given 0) (and (not $host) (eq $given $old)) -}}
{{- $_ := set $ports $name (ternary (index $defaults $name) $given $unset) -}}
{{- end -}}
{{- toYaml $ports -}}
{{- end -}}

{{/* The declaration of NGINX's container ports. Argument: dict with context. Ports of controller.containerPort with names
     other than http and https are declared unchanged. */}}
{{- define "tidegate.containerPorts" -}}
{{- $values := .context.Values.controller -}}
{{- range $name, $port := mergeOverwrite (deepCopy $values.containerPort) (include "tidegate.ports" .context | fromYaml) }}
- name: {{ $name }}
  containerPort: {{ $port | int }}
  protocol: TCP
  {{- if and $values.hostPort.enabled (index $values.hostPort.ports $name) }}
  hostPort: {{ index $values.hostPort.ports $name | int }}
  {{- end }}
{{- end }}
{{- range include "tidegate.streamPorts" .context | fromYamlArray }}
- name: {{ .name }}
  containerPort: {{ .port | int }}
  protocol: {{ .protocol }}
  {{- if $values.hostPort.enabled }}
  hostPort: {{ .port | int }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* The ports of the values tcp and udp, as a YAML list of {key, port, protocol, name}. A value of null removes an entry.
     Ports of ConfigMaps that only extraArgs name are not known to the chart. */}}
{{- define "tidegate.streamPorts" -}}
{{- $ports := list -}}
{{- range $protocol := list "tcp" "udp" -}}
{{- range $key, $value := index $.Values $protocol -}}
{{- if $value -}}
{{- $name := printf "%s-%s" $key $protocol -}}
{{- with $.Values.portNamePrefix }}{{ $name = printf "%s-%s" . $name }}{{ end -}}
{{- $ports = append $ports (dict "key" $key "port" (int $key) "protocol" (upper $protocol) "name" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $ports -}}
{{- end -}}

{{/* namespace/name of the ConfigMap of TCP or UDP services. Argument: dict with context, protocol (tcp or udp). */}}
{{- define "tidegate.streamConfigMap" -}}
{{- $given := index .context.Values.controller .protocol -}}
{{- $namespace := $given.configMapNamespace | default (include "tidegate.namespace" .context) -}}
{{- printf "%s/%s-%s" (tpl $namespace .context) (include "tidegate.fullname" .context) .protocol -}}
{{- end -}}

{{/* "true" if NGINX's ports have to be declared on the controller's container, which does not bind them itself (the
     containers share one network). The kubelet maps host ports only of ordinary containers, and Services find named ports
     of sidecars only from Kubernetes 1.33 on. The ports are declared on one container only, because the API server warns
     about ports that are declared twice. */}}
{{- define "tidegate.portsOnController" -}}
{{- or .Values.controller.hostPort.enabled (semverCompare "<1.33.0-0" (include "tidegate.kubeVersion" .)) -}}
{{- end -}}

{{/* The Kubernetes version to render for. Without a cluster, a helm that was built with `go install` reports 1.20, together
     with an API that Kubernetes has only since 1.29. In that case the chart renders for a current version, as a released
     helm would. */}}
{{- define "tidegate.kubeVersion" -}}
{{- $version := .Capabilities.KubeVersion.Version -}}
{{- if and (eq $version "v1.20.0") (.Capabilities.APIVersions.Has "flowcontrol.apiserver.k8s.io/v1") -}}
v1.35.0
{{- else -}}
{{- $version -}}
{{- end -}}
{{- end -}}
