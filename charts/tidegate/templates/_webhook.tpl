{{/* The admission webhook. Names are those of the ingress-nginx chart, so that an upgrade from it changes the webhook in
     place and keeps the caBundle: the API server can then call old and new Pods. docs/admission.md explains the values. */}}

{{/* "true" if there is a webhook. With rbac.scope, the controller cannot write the cluster-wide configuration of the
     webhook, so it needs a certificate from elsewhere. */}}
{{- define "tidegate.webhook" -}}
{{- and .Values.controller.admissionWebhooks.enabled (or (not .Values.rbac.scope) (eq (include "tidegate.webhookFiles" .) "true")) -}}
{{- end -}}

{{/* "true" if the controller reads the certificate from files, and does not make one itself. */}}
{{- define "tidegate.webhookFiles" -}}
{{- $w := .Values.controller.admissionWebhooks -}}
{{- or $w.certManager.enabled (ne ($w.certificate | default "/usr/local/certificates/cert") "/usr/local/certificates/cert") (ne ($w.key | default "/usr/local/certificates/key") "/usr/local/certificates/key") -}}
{{- end -}}

{{/* "true" if the controller makes the certificate itself. */}}
{{- define "tidegate.webhookOwnCertificate" -}}
{{- and (eq (include "tidegate.webhook" .) "true") (eq (include "tidegate.webhookFiles" .) "false") -}}
{{- end -}}

{{- define "tidegate.webhookName" -}}
{{- printf "%s-%s" (include "tidegate.fullname" .) (.Values.controller.admissionWebhooks.name | default "admission") | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "tidegate.webhookService" -}}
{{- printf "%s-admission" (include "tidegate.controller.fullname" .) -}}
{{- end -}}

{{/* The Secret in which the controller keeps the certificate that it makes. The ingress-nginx chart has a Secret with the
     name of the webhook, which stays usable for a rollback. */}}
{{- define "tidegate.webhookSecret" -}}
{{- printf "%s-certificate" (include "tidegate.webhookName" .) -}}
{{- end -}}

{{- define "tidegate.webhookLabels" -}}
{{- mergeOverwrite (include "tidegate.controller.labels" . | fromYaml) (dict "app.kubernetes.io/component" "admission-webhook") .Values.controller.admissionWebhooks.labels | include "tidegate.texts" -}}
{{- end -}}

{{/* The port on which the webhook listens. 8443 is the default of the ingress-nginx chart, and NGINX's own port for HTTPS
     here; it counts as not set while NGINX binds it. */}}
{{- define "tidegate.webhookPort" -}}
{{- $port := .Values.controller.admissionWebhooks.port | default 8444 | int -}}
{{- $nginx := list -}}
{{- range include "tidegate.ports" . | fromYaml }}{{ $nginx = append $nginx (int .) }}{{ end -}}
{{- ternary 8444 $port (and (eq $port 8443) (has 8443 $nginx)) -}}
{{- end -}}

{{/* The flags of the webhook, as YAML. */}}
{{- define "tidegate.webhookFlags" -}}
{{- $w := .Values.controller.admissionWebhooks -}}
{{- if eq (include "tidegate.webhook" .) "true" -}}
validating-webhook: ":{{ include "tidegate.webhookPort" . }}"
{{- if eq (include "tidegate.webhookFiles" .) "true" }}
validating-webhook-certificate: {{ $w.certificate | default "/usr/local/certificates/cert" | quote }}
validating-webhook-key: {{ $w.key | default "/usr/local/certificates/key" | quote }}
{{- else }}
validating-webhook-secret: {{ include "tidegate.webhookSecret" . | quote }}
validating-webhook-configuration: {{ include "tidegate.webhookName" . | quote }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* A CEL expression: does this controller serve the class of the Ingress? Only names can be compared, so a class of this
     controller with another name must be listed in admissionWebhooks.classes. As in the controller, the field takes
     precedence over the annotation. */}}
{{- define "tidegate.webhookCondition" -}}
{{- $c := .Values.controller -}}
{{- $class := $c.ingressClass | default "nginx" -}}
{{- $names := concat (list $c.ingressClassResource.name $class) $c.ingressClassResource.aliases $c.admissionWebhooks.classes | toStrings | uniq -}}
has(object.spec.ingressClassName) && object.spec.ingressClassName != "" ? object.spec.ingressClassName in {{ toJson $names }} :
has(object.metadata.annotations) && "kubernetes.io/ingress.class" in object.metadata.annotations && object.metadata.annotations["kubernetes.io/ingress.class"] != "" ? object.metadata.annotations["kubernetes.io/ingress.class"] == {{ toJson $class }} :
{{ $c.watchIngressWithoutClass }}
{{- end -}}
