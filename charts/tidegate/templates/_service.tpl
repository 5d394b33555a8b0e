{{/* The spec of the external or the internal Service. Argument: dict with context, service (values with defaults). */}}
{{- define "tidegate.serviceSpec" -}}
{{- $c := .context.Values.controller -}}
{{- $s := .service -}}
type: {{ $s.type }}
{{- with $s.clusterIP }}
clusterIP: {{ . | quote }}
{{- end }}
{{- with $s.clusterIPs }}
clusterIPs: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $s.externalIPs }}
externalIPs: {{ toYaml . | nindent 2 }}
{{- end }}
{{- if eq $s.type "LoadBalancer" }}
{{- with $s.loadBalancerIP }}
loadBalancerIP: {{ . | quote }}
{{- end }}
{{- with $s.loadBalancerSourceRanges }}
loadBalancerSourceRanges: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $s.loadBalancerClass }}
loadBalancerClass: {{ . | quote }}
{{- end }}
{{- if kindIs "bool" $s.allocateLoadBalancerNodePorts }}
allocateLoadBalancerNodePorts: {{ $s.allocateLoadBalancerNodePorts }}
{{- end }}
{{- end }}
{{- with $s.externalTrafficPolicy }}
externalTrafficPolicy: {{ . }}
{{- end }}
{{- with $s.sessionAffinity }}
sessionAffinity: {{ . }}
{{- end }}
{{- with $s.healthCheckNodePort }}
healthCheckNodePort: {{ . | int }}
{{- end }}
{{- with $s.trafficDistribution }}
trafficDistribution: {{ . }}
{{- end }}
{{- with $s.ipFamilyPolicy }}
ipFamilyPolicy: {{ . }}
{{- end }}
{{- with $s.ipFamilies }}
ipFamilies: {{ toYaml . | nindent 2 }}
{{- end }}
ports:
  {{- if eq (.only | default "") "http3" }}
  {{- include "tidegate.http3Port" .context | nindent 2 }}
  {{- else }}
  {{- range $name, $enabled := dict "http" $c.service.enableHttp "https" $c.service.enableHttps }}
  {{- if $enabled }}
  - name: {{ $name }}
    port: {{ index $s.ports $name | default (index $c.service.ports $name) | int }}
    protocol: TCP
    targetPort: {{ index $s.targetPorts $name | default (index $c.service.targetPorts $name) }}
    {{- if $s.appProtocol }}
    appProtocol: {{ $name }}
    {{- end }}
    {{- $nodePort := index $s.nodePorts $name }}
    {{- if and $nodePort (has $s.type (list "NodePort" "LoadBalancer")) }}
    nodePort: {{ $nodePort | int }}
    {{- end }}
  {{- end }}
  {{- end }}
  {{- range include "tidegate.streamPorts" .context | fromYamlArray }}
  - name: {{ .name }}
    port: {{ .port | int }}
    protocol: {{ .protocol }}
    targetPort: {{ .name }}
    {{- $nodePort := index (index $s.nodePorts (lower .protocol)) .key }}
    {{- if and $nodePort (has $s.type (list "NodePort" "LoadBalancer")) }}
    nodePort: {{ $nodePort | int }}
    {{- end }}
  {{- end }}
  {{- if and (eq (include "tidegate.http3" .context) "true") (not $c.service.http3.separate) (not .internal) }}
  {{- include "tidegate.http3Port" .context | nindent 2 }}
  {{- end }}
  {{- end }}
selector: {{ include "tidegate.controller.selectorLabels" .context | nindent 2 }}
{{- end -}}

{{/* "true" if the UDP port for HTTP/3 is published. */}}
{{- define "tidegate.http3" -}}
{{- $c := .Values.controller -}}
{{- $wanted := tpl (include "tidegate.text" (index $c.config "use-http3" | default "false")) . | trim -}}
{{- and (eq $wanted "true") $c.service.enabled $c.service.external.enabled $c.service.enableHttps $c.service.http3.enabled -}}
{{- end -}}

{{/* The UDP port, as a list with one item. Its target is a number: the container declares no UDP port, because clients of
     the API such as helm 3 mistake two container ports with one number for one port when they update a workload. */}}
{{- define "tidegate.http3Port" -}}
{{- $s := .Values.controller.service -}}
- name: http3
  port: {{ $s.ports.https | int }}
  protocol: UDP
  targetPort: {{ (include "tidegate.ports" . | fromYaml).https | int }}
  {{- if and $s.http3.nodePort (has $s.type (list "NodePort" "LoadBalancer")) }}
  nodePort: {{ $s.http3.nodePort | int }}
  {{- end }}
{{- end -}}

{{/* "true" if the internal Service is created. Only annotations or a loadBalancerClass make a load balancer internal. A
     Service of type LoadBalancer without either would be public, so it is not created, as in the ingress-nginx chart. */}}
{{- define "tidegate.internalService" -}}
{{- $i := .Values.controller.service.internal -}}
{{- $type := $i.type | default .Values.controller.service.type -}}
{{- and .Values.controller.service.enabled $i.enabled (or (not (empty $i.annotations)) (not (empty $i.loadBalancerClass)) (ne $type "LoadBalancer")) -}}
{{- end -}}
