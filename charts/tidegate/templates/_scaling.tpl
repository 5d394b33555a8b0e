{{/* The spec of a PodDisruptionBudget. Argument: dict with values (minAvailable …), selector. */}}
{{- define "tidegate.disruptionSpec" -}}
selector:
  matchLabels: {{ .selector | nindent 4 }}
{{- /* 0 is a valid maxUnavailable: no Pod may be disrupted. */}}
{{- if and (hasKey .values "maxUnavailable") (not (kindIs "invalid" .values.maxUnavailable)) }}
maxUnavailable: {{ .values.maxUnavailable }}
{{- else }}
minAvailable: {{ .values.minAvailable }}
{{- end }}
{{- with .values.unhealthyPodEvictionPolicy }}
unhealthyPodEvictionPolicy: {{ . }}
{{- end }}
{{- end -}}

{{/* The spec of a HorizontalPodAutoscaler. Argument: dict with name, autoscaling, metrics (additional metrics). */}}
{{- define "tidegate.autoscalingSpec" -}}
{{- $a := .autoscaling -}}
scaleTargetRef:
  apiVersion: apps/v1
  kind: Deployment
  name: {{ .name }}
minReplicas: {{ $a.minReplicas | int }}
maxReplicas: {{ $a.maxReplicas | int }}
metrics:
  {{- range $resource, $target := dict "cpu" $a.targetCPUUtilizationPercentage "memory" $a.targetMemoryUtilizationPercentage }}
  {{- if $target }}
  - type: Resource
    resource:
      name: {{ $resource }}
      target:
        type: Utilization
        averageUtilization: {{ $target | int }}
  {{- end }}
  {{- end }}
  {{- with .metrics }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $a.behavior }}
behavior: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
