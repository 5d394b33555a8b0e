{{/* The flags that extraArgs may set and the Pod's ports depend on. controller.extraArgs, then manager.extraArgs. */}}
{{- define "tidegate.extraArgs" -}}
{{- mergeOverwrite (deepCopy .Values.controller.extraArgs) .Values.manager.extraArgs | toYaml -}}
{{- end -}}

{{/* Port of /healthz and /metrics. */}}
{{- define "tidegate.healthPort" -}}
{{- $extra := include "tidegate.extraArgs" . | fromYaml -}}
{{- index $extra "healthz-port" | default .Values.controller.metrics.port | int -}}
{{- end -}}

{{/* Port on which NGINX itself answers /ready. */}}
{{- define "tidegate.statusPort" -}}
{{- $extra := include "tidegate.extraArgs" . | fromYaml -}}
{{- index $extra "status-port" | default 10246 | int -}}
{{- end -}}

{{/* Ports that NGINX binds, as YAML {http: …, https: …}. Without hostNetwork 80 and 443, the old chart's defaults, mean
     "not chosen": nothing in the Pod has the capability to bind them, and clients see the Service's ports. */}}
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

{{/* Container ports; dict context. Other names of containerPort are passed on as they are. */}}
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
{{- end -}}

{{/* "true" if NGINX's ports have to be declared on the controller container (which binds none of them: the containers
     share one network). The kubelet maps host ports of ordinary containers only, and Services find named ports of
     sidecars from Kubernetes 1.33 on. Not on both: the API server warns of ports declared twice. */}}
{{- define "tidegate.portsOnController" -}}
{{- or .Values.controller.hostPort.enabled (semverCompare "<1.33.0-0" (include "tidegate.kubeVersion" .)) -}}
{{- end -}}

{{/* Version of the cluster. A helm built with `go install` does not know its own and says 1.20 without a cluster
     to ask; no real 1.20 has an API of 1.29. It then renders for a current cluster, as released ones do. */}}
{{- define "tidegate.kubeVersion" -}}
{{- $version := .Capabilities.KubeVersion.Version -}}
{{- if and (eq $version "v1.20.0") (.Capabilities.APIVersions.Has "flowcontrol.apiserver.k8s.io/v1") -}}
v1.35.0
{{- else -}}
{{- $version -}}
{{- end -}}
{{- end -}}
