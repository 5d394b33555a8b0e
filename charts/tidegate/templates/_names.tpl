{{/* Names and labels are those of the ingress-nginx chart, so that an upgrade of a release from that chart to this one
     keeps Services, ConfigMaps and the (immutable) selectors. That is why the default name is not the name of this
     chart. */}}

{{- define "tidegate.name" -}}
{{- default "ingress-nginx" .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "tidegate.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default "ingress-nginx" .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "tidegate.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "tidegate.controller.fullname" -}}
{{- printf "%s-%s" (include "tidegate.fullname" .) .Values.controller.name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "tidegate.defaultBackend.fullname" -}}
{{- printf "%s-%s" (include "tidegate.fullname" .) .Values.defaultBackend.name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "tidegate.electionID" -}}
{{- default (printf "%s-leader" (include "tidegate.fullname" .)) .Values.controller.electionID -}}
{{- end -}}

{{- define "tidegate.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "tidegate.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "tidegate.defaultBackend.serviceAccountName" -}}
{{- if .Values.defaultBackend.serviceAccount.create -}}
{{- default (printf "%s-backend" (include "tidegate.fullname" .)) .Values.defaultBackend.serviceAccount.name -}}
{{- else -}}
{{- default "default-backend" .Values.defaultBackend.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The watched namespace, if controller.scope.enabled is true. */}}
{{- define "tidegate.scopeNamespace" -}}
{{- default (include "tidegate.namespace" .) .Values.controller.scope.namespace -}}
{{- end -}}

{{- define "tidegate.selectorLabels" -}}
app.kubernetes.io/name: {{ include "tidegate.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tidegate.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "tidegate.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: {{ include "tidegate.name" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ include "tidegate.texts" . }}
{{- end }}
{{- end -}}

{{/* The labels of the controller's objects. */}}
{{- define "tidegate.controller.labels" -}}
{{ include "tidegate.labels" . }}
app.kubernetes.io/component: controller
{{- with .Values.controller.labels }}
{{ include "tidegate.texts" . }}
{{- end }}
{{- end -}}

{{- define "tidegate.controller.selectorLabels" -}}
{{ include "tidegate.selectorLabels" . }}
app.kubernetes.io/component: controller
{{- end -}}

{{- define "tidegate.defaultBackend.labels" -}}
{{ include "tidegate.labels" . }}
app.kubernetes.io/component: default-backend
{{- with .Values.defaultBackend.labels }}
{{ include "tidegate.texts" . }}
{{- end }}
{{- end -}}

{{- define "tidegate.defaultBackend.selectorLabels" -}}
{{ include "tidegate.selectorLabels" . }}
app.kubernetes.io/component: default-backend
{{- end -}}
