{{/* The Pod template. NGINX is a native sidecar, so that it exits after the controller when the Pod is terminated. Only
     the controller's container has the token of the service account; docs/security.md explains why there are two
     containers. */}}
{{- define "tidegate.podTemplate" -}}
{{- $c := .Values.controller -}}
metadata:
  {{- /* Makes kubectl logs show the controller. Without the annotation, kubectl chooses a container and prints a note. */}}
  annotations: {{ merge (dict) $c.podAnnotations (dict "kubectl.kubernetes.io/default-container" $c.containerName) | include "tidegate.texts" | nindent 4 }}
  labels: {{ mergeOverwrite (include "tidegate.controller.labels" . | fromYaml) $c.podLabels | include "tidegate.texts" | nindent 4 }}
spec:
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $c.hostname }}
  hostname: {{ . | quote }}
  {{- end }}
  {{- with $c.hostAliases }}
  hostAliases: {{ tpl (toYaml .) $ | nindent 4 }}
  {{- end }}
  {{- /* With the host network, names of the cluster are resolved only with ClusterFirstWithHostNet. */}}
  dnsPolicy: {{ ternary "ClusterFirstWithHostNet" $c.dnsPolicy (and $c.hostNetwork (eq $c.dnsPolicy "ClusterFirst")) }}
  {{- with $c.dnsConfig }}
  dnsConfig: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- if $c.hostNetwork }}
  hostNetwork: true
  {{- end }}
  {{- with $c.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  {{- with $c.runtimeClassName }}
  runtimeClassName: {{ . | quote }}
  {{- end }}
  {{- $security := deepCopy $c.podSecurityContext }}
  {{- /* A process without capabilities cannot bind a port below 1024 unless this sysctl allows it. The Pod Security
         Standard `restricted` allows the sysctl. */}}
  {{- $sysctls := deepCopy $c.sysctls }}
  {{- range include "tidegate.streamPorts" . | fromYamlArray }}
  {{- $first := index $sysctls "net.ipv4.ip_unprivileged_port_start" | default 1024 | int }}
  {{- if and (lt (int .port) $first) (not $c.hostNetwork) (not (hasKey $c.sysctls "net.ipv4.ip_unprivileged_port_start")) }}
  {{- $_ := set $sysctls "net.ipv4.ip_unprivileged_port_start" (int .port) }}
  {{- end }}
  {{- end }}
  {{- with $sysctls }}
  {{- $list := list }}
  {{- range $name, $value := . }}{{ $list = append $list (dict "name" $name "value" (include "tidegate.text" $value)) }}{{ end }}
  {{- $_ := set $security "sysctls" $list }}
  {{- end }}
  {{- with $security }}
  securityContext: {{ toYaml . | nindent 4 }}
  {{- end }}
  serviceAccountName: {{ include "tidegate.serviceAccountName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $c.terminationGracePeriodSeconds | int }}
  {{- with $c.nodeSelector }}
  nodeSelector: {{ include "tidegate.texts" . | nindent 4 }}
  {{- end }}
  {{- with $c.tolerations }}
  tolerations: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $c.affinity }}
  affinity: {{ tpl (toYaml .) $ | nindent 4 }}
  {{- end }}
  {{- with $c.topologySpreadConstraints }}
  topologySpreadConstraints: {{ tpl (toYaml .) $ | nindent 4 }}
  {{- end }}
  initContainers:
    {{- with $c.extraInitContainers }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
    - {{ include "tidegate.nginxContainer" . | nindent 6 | trim }}
  containers:
    - {{ include "tidegate.controllerContainer" . | nindent 6 | trim }}
    {{- with $c.extraContainers }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
  volumes:
    - name: conf
      emptyDir: {{ toYaml .Values.volumes.conf | nindent 8 }}
    - name: run
      emptyDir: {{ toYaml .Values.volumes.run | nindent 8 }}
    - name: controller
      emptyDir: {{ toYaml .Values.volumes.controller | nindent 8 }}
    {{- if .Values.serviceAccount.automountServiceAccountToken }}
    - name: token
      projected:
        defaultMode: 292
        sources:
          - serviceAccountToken:
              path: token
              expirationSeconds: 3607
          - configMap:
              name: kube-root-ca.crt
              items:
                - key: ca.crt
                  path: ca.crt
          - downwardAPI:
              items:
                - path: namespace
                  fieldRef:
                    fieldPath: metadata.namespace
    {{- end }}
    {{- if and (eq (include "tidegate.webhook" .) "true") $c.admissionWebhooks.certManager.enabled }}
    - name: webhook-certificate
      secret:
        secretName: {{ include "tidegate.webhookName" . }}
        items:
          - key: tls.crt
            path: cert
          - key: tls.key
            path: key
    {{- end }}
    {{- with $c.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
