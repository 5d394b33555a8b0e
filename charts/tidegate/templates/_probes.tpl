{{/* A probe with a default handler. Argument: dict with probe, handler, health. A handler in the values is used unless it
     asks the controller's port: such a probe, copied from the old chart, would restart NGINX, or make it unready, when the
     controller is down. */}}
{{- define "tidegate.probe" -}}
{{- $probe := deepCopy .probe -}}
{{- if has (toString (dig "httpGet" "port" "" $probe)) (list "10254" (toString .health)) }}{{ $_ := unset $probe "httpGet" }}{{ end -}}
{{- if not (or $probe.httpGet $probe.tcpSocket $probe.exec $probe.grpc) }}{{ $_ := merge $probe .handler }}{{ end -}}
{{- toYaml $probe -}}
{{- end -}}

{{/* The three probes of the nginx container. */}}
{{- define "tidegate.nginxProbes" -}}
{{- $c := .Values.controller -}}
{{- $health := include "tidegate.healthPort" . -}}
{{- $status := include "tidegate.statusPort" . | int -}}
{{- $open := dict "tcpSocket" (dict "port" $status) -}}
{{- $ready := dict "httpGet" (dict "path" "/ready" "port" $status "scheme" "HTTP") -}}
{{- with $c.startupProbe }}
startupProbe: {{ include "tidegate.probe" (dict "probe" . "handler" $open "health" $health) | nindent 2 }}
{{- end }}
{{- with $c.livenessProbe }}
livenessProbe: {{ include "tidegate.probe" (dict "probe" . "handler" $open "health" $health) | nindent 2 }}
{{- end }}
{{- with $c.readinessProbe }}
readinessProbe: {{ include "tidegate.probe" (dict "probe" . "handler" $ready "health" $health) | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The probes of the controller's container. There is no readiness probe, because NGINX keeps serving while the
     controller restarts. */}}
{{- define "tidegate.controllerProbes" -}}
{{- $get := dict "httpGet" (dict "path" .Values.controller.healthCheckPath "port" (include "tidegate.healthPort" . | int) "scheme" "HTTP") -}}
{{- with .Values.manager.startupProbe }}
startupProbe: {{ include "tidegate.probe" (dict "probe" . "handler" $get "health" "") | nindent 2 }}
{{- end }}
{{- with .Values.manager.livenessProbe }}
livenessProbe: {{ include "tidegate.probe" (dict "probe" . "handler" $get "health" "") | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The lifecycle hooks of the nginx container, without /wait-shutdown, which was a program of the old image. */}}
{{- define "tidegate.lifecycle" -}}
{{- $lifecycle := deepCopy .Values.controller.lifecycle -}}
{{- if has "/wait-shutdown" (dig "preStop" "exec" "command" (list) $lifecycle) }}{{ $_ := unset $lifecycle "preStop" }}{{ end -}}
{{- with $lifecycle }}{{ toYaml . }}{{ end -}}
{{- end -}}
