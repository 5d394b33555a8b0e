{{/* Converts the values to the types of values.schema.json, in place; every template starts with this. Values files for
     the old chart may contain "true" for true and {} for an empty list. files/kinds.yaml is generated from the schema. */}}
{{- define "tidegate.values" -}}
{{- if not (hasKey .Values "manager") -}}
{{- fail "\n\nThese are all values of another chart, including its defaults, as `helm upgrade --reuse-values` passes them. Pass only the values that were set:\n  helm get values RELEASE --namespace NAMESPACE --output yaml > values.yaml, then helm upgrade … --values values.yaml\nor, in one step, use helm upgrade … --reset-then-reuse-values instead of --reuse-values\n" -}}
{{- end -}}
{{- if not (hasKey .Values "typed") -}}
{{- $_ := set .Values "typed" true -}}
{{- range $path, $kind := .Files.Get "files/kinds.yaml" | fromYaml -}}
{{- $keys := splitList "." $path -}}
{{- $map := $.Values -}}
{{- range initial $keys -}}{{- $map = index $map . -}}{{- end -}}
{{- $name := last $keys -}}
{{- $value := index $map $name -}}
{{- if eq $kind "map" -}}
{{- if not (kindIs "map" $value) }}{{ $_ := set $map $name dict }}{{ end -}}
{{- else if eq $kind "list" -}}
{{- if not (kindIs "slice" $value) }}{{ $_ := set $map $name list }}{{ end -}}
{{- else if or (eq $kind "flag") (and (eq $kind "optional-flag") (kindIs "string" $value)) -}}
{{- $_ := set $map $name (eq (toString $value) "true") -}}
{{- else if and (eq $kind "count") (kindIs "string" $value) -}}
{{- $_ := set $map $name (int64 $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Annotations, labels and other maps whose values must be text for the API server; values files also contain values
     such as true and 80. */}}
{{- define "tidegate.texts" -}}
{{- $texts := dict -}}
{{- range $name, $value := . -}}
{{- $_ := set $texts $name (ternary "" (include "tidegate.text" $value) (kindIs "invalid" $value)) -}}
{{- end -}}
{{- toYaml $texts -}}
{{- end -}}
