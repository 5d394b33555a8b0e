{{/* Tidegate's image: controller.image.repository, or [registry/]image; then the tag and, if given, the digest.
     registry.k8s.io, which is the global registry in many values files, is ignored, because it does not contain the
     image. */}}
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

{{/* The securityContext of a container, from the fields of an image block. Argument: dict with image, override, sealed.
     With sealed, the root file system is read-only even if the block says false, as copies of the old chart's values do. */}}
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
