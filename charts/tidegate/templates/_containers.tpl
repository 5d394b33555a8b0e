{{/* Values of the ingress-nginx chart for its single container (resources, probes, lifecycle, extraEnvs,
     extraVolumeMounts) apply to the nginx container, because people chose them for their traffic. Values for the
     controller's container are below `manager`. */}}
{{- define "tidegate.nginxContainer" -}}
{{- $c := .Values.controller -}}
name: nginx
image: {{ include "tidegate.image" . }}
imagePullPolicy: {{ $c.image.pullPolicy }}
restartPolicy: Always
command:
  - /bin/sh
  - -c
  - | {{- .Files.Get "files/nginx.sh" | nindent 4 }}
{{- $lifecycle := include "tidegate.lifecycle" . }}
{{- with $lifecycle }}
lifecycle: {{ . | nindent 2 }}
{{- end }}
securityContext: {{ include "tidegate.containerSecurityContext" (dict "image" $c.image "sealed" true "override" $c.containerSecurityContext) | nindent 2 }}
{{- with $c.extraEnvs }}
env: {{ toYaml . | nindent 2 }}
{{- end }}
{{- include "tidegate.nginxProbes" . }}
{{- if ne (include "tidegate.portsOnController" .) "true" }}
ports: {{ include "tidegate.containerPorts" (dict "context" .) | nindent 2 }}
{{- end }}
volumeMounts:
  - name: conf
    mountPath: /run/tidegate/conf
    readOnly: true
  - name: run
    mountPath: /run/tidegate/run
  {{- with $c.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $c.resources }}
resources: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $c.resizePolicy }}
resizePolicy: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "tidegate.controllerContainer" -}}
{{- $c := .Values.controller -}}
{{- $m := .Values.manager -}}
name: {{ $c.containerName }}
image: {{ include "tidegate.image" . }}
imagePullPolicy: {{ $c.image.pullPolicy }}
args: {{ include "tidegate.args" . | nindent 2 }}
{{- with $m.lifecycle }}
lifecycle: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext: {{ include "tidegate.containerSecurityContext" (dict "image" $c.image "sealed" true "override" $m.containerSecurityContext) | nindent 2 }}
env:
  - name: POD_NAME
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  - name: POD_NAMESPACE
    valueFrom:
      fieldRef:
        fieldPath: metadata.namespace
  {{- if dig "limits" "cpu" "" $c.resources }}
  - name: TIDEGATE_NGINX_CPU_LIMIT
    valueFrom:
      resourceFieldRef:
        containerName: nginx
        resource: limits.cpu
  {{- end }}
  {{- $named := list }}
  {{- range $m.extraEnvs }}{{ $named = append $named .name }}{{ end }}
  {{- if and (dig "limits" "memory" "" $m.resources) (not (has "NODE_OPTIONS" $named)) }}
  {{- /* This replaces the image's NODE_OPTIONS, so it repeats the image's option. The percentage is of the memory limit;
         without a limit it would be of the node's memory. */}}
  - name: NODE_OPTIONS
    value: --max-semi-space-size=2 --max-old-space-size-percentage=60
  {{- end }}
  {{- if not (has "MALLOC_MMAP_THRESHOLD_" $named) }}
  {{- /* By default glibc raises this threshold, and then does not return the memory of large freed buffers. */}}
  - name: MALLOC_MMAP_THRESHOLD_
    value: "32768"
  {{- end }}
  {{- if not (has "MALLOC_ARENA_MAX" $named) }}
  {{- /* By default glibc gives threads separate heaps, each of which keeps freed memory that the others cannot use. */}}
  - name: MALLOC_ARENA_MAX
    value: "1"
  {{- end }}
  {{- with $m.extraEnvs }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- include "tidegate.controllerProbes" . }}
ports:
  - name: {{ $c.metrics.portName }}
    containerPort: {{ include "tidegate.healthPort" . }}
    protocol: TCP
  {{- if eq (include "tidegate.webhook" .) "true" }}
  - name: webhook
    containerPort: {{ include "tidegate.webhookPort" . }}
    protocol: TCP
  {{- end }}
  {{- if eq (include "tidegate.portsOnController" .) "true" }}
  {{- include "tidegate.containerPorts" (dict "context" .) | nindent 2 }}
  {{- end }}
volumeMounts:
  - name: conf
    mountPath: /run/tidegate/conf
  {{- /* Read-only: the controller writes nothing to this volume; it only connects to NGINX's socket. */}}
  - name: run
    mountPath: /run/tidegate/run
    readOnly: true
  - name: controller
    mountPath: /run/tidegate/controller
  {{- if .Values.serviceAccount.automountServiceAccountToken }}
  - name: token
    mountPath: /var/run/secrets/kubernetes.io/serviceaccount
    readOnly: true
  {{- end }}
  {{- if and (eq (include "tidegate.webhook" .) "true") $c.admissionWebhooks.certManager.enabled }}
  - name: webhook-certificate
    mountPath: /usr/local/certificates
    readOnly: true
  {{- end }}
  {{- with $m.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $m.resources }}
resources: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $m.resizePolicy }}
resizePolicy: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
