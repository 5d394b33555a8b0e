{{/* Tidegate's image: controller.image.repository, or [registry/]image; then the tag and, if given, the digest.
     registry.k8s.io, which values files carry as global registry, does not hold it. */}}
{{- define "tidegate.image" -}}
{{- $image := .Values.controller.image -}}
{{- printf "%s:%s" (include "tidegate.imagePath" .) ($image.tag | default .Chart.AppVersion) -}}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{- define "tidegate.imagePath" -}}
{{- $image := .Values.controller.image -}}
{{- $global := .Values.global.image.registry | default "" -}}
{{- $registry := $image.registry | default (ternary "" $global (eq $global "registry.k8s.io")) -}}
{{- $image.repository | default (ternary $image.image (printf "%s/%s" $registry $image.image) (empty $registry)) -}}
{{- end -}}

{{- define "tidegate.defaultBackend.image" -}}
{{- $image := .Values.defaultBackend.image -}}
{{- $registry := $image.registry | default .Values.global.image.registry -}}
{{- $image.repository | default (ternary $image.image (printf "%s/%s" $registry $image.image) (empty $registry)) -}}
:{{ $image.tag }}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* securityContext of a container out of the image block that carries its fields; dict image, override, sealed. sealed:
     the root is read-only whatever the block says, because copies of the old chart's values say false. */}}
{{- define "tidegate.containerSecurityContext" -}}
{{- if .override -}}
{{ toYaml .override }}
{{- else -}}
runAsNonRoot: {{ .image.runAsNonRoot }}
runAsUser: {{ .image.runAsUser }}
runAsGroup: {{ .image.runAsGroup }}
allowPrivilegeEscalation: {{ .image.allowPrivilegeEscalation }}
readOnlyRootFilesystem: {{ or .sealed .image.readOnlyRootFilesystem }}
seccompProfile: {{ toYaml .image.seccompProfile | nindent 2 }}
capabilities:
  drop:
    - ALL
{{- end -}}
{{- end -}}
