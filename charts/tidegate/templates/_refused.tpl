{{/* Values that the chart rejects, because they are no longer supported or would break the separation of the two
     containers; a YAML list of messages. Each message names the path, the reason and what to do. A value that equals the
     old chart's default is rejected only if it names the old image, because people keep copies of whole values files. */}}
{{- define "tidegate.refusals" -}}
{{- $c := .Values.controller -}}
{{- $extra := include "tidegate.extraArgs" . | fromYaml -}}
{{- $r := list -}}
{{- if semverCompare "<1.29.0-0" (include "tidegate.kubeVersion" .) -}}
{{- $r = append $r (printf "Kubernetes %s: NGINX runs as a native sidecar, which needs 1.29 or later" .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- $own := include "tidegate.ports" . | fromYaml -}}
{{- range include "tidegate.streamPorts" . | fromYamlArray -}}
{{- $port := . -}}
{{- $where := printf "%s.%s" (lower .protocol) .key -}}
{{- if or (ne (toString (int .port)) (toString .key)) (lt (int .port) 1) (gt (int .port) 65535) -}}
{{- $r = append $r (printf "%s: must be a port from 1 to 65535, for example 5432: shop/db:5432" $where) -}}
{{- end -}}
{{- range $name, $number := $own -}}
{{- if eq (int $number) (int $port.port) }}{{ $r = append $r (printf "%s: NGINX's port for %s is already %d; set controller.containerPort.%s to another port, for example 10080, or choose another port for the service" $where $name (int $number) $name) }}{{ end -}}
{{- end -}}
{{- range $what, $number := dict "the controller's port of metrics" (include "tidegate.healthPort" $) "NGINX's status port" (include "tidegate.statusPort" $) -}}
{{- if eq (int $number) (int $port.port) }}{{ $r = append $r (printf "%s: %d is already %s; choose another port" $where (int $number) $what) }}{{ end -}}
{{- end -}}
{{- if or (and (eq (int .port) (int $c.service.ports.http)) $c.service.enableHttp (eq .protocol "TCP")) (and (eq (int .port) (int $c.service.ports.https)) $c.service.enableHttps (eq .protocol "TCP")) -}}
{{- $r = append $r (printf "%s: the Service already has port %d for HTTP or HTTPS; choose another port" $where (int .port)) -}}
{{- end -}}
{{- end -}}
{{- range $flag, $value := dict "validating-webhook" "port" "validating-webhook-certificate" "certificate" "validating-webhook-key" "key" "validating-webhook-secret" "name" "validating-webhook-configuration" "name" -}}
{{- if hasKey $extra $flag }}{{ $r = append $r (printf "controller.extraArgs.%s: the webhook's Service, mounts or permissions depend on this flag; set controller.admissionWebhooks.%s instead" $flag $value) }}{{ end -}}
{{- end -}}
{{- if eq (include "tidegate.webhook" .) "true" -}}
{{- $webhookPort := include "tidegate.webhookPort" . | int -}}
{{- $taken := dict "manager's port of metrics" (include "tidegate.healthPort" .) "NGINX's status port" (include "tidegate.statusPort" .) -}}
{{- range $name, $port := include "tidegate.ports" . | fromYaml }}{{ $_ := set $taken (printf "NGINX's port %s" $name) $port }}{{ end -}}
{{- range $what, $port := $taken -}}
{{- if eq (int $port) $webhookPort }}{{ $r = append $r (printf "controller.admissionWebhooks.port: %d is already %s; choose another port, for example 8444" $webhookPort $what) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- $path := include "tidegate.imagePath" . -}}
{{- $program := last (splitList "/" $path) -}}
{{- if and (regexMatch "ingress-nginx|nginx-ingress|(^|/)controller(-chroot)?$" $path) (not (contains "tidegate" $program)) -}}
{{- $r = append $r (printf "controller.image: %s names the old controller's image; remove image, repository, tag and digest, or name Tidegate's, for example image: tidegate" $path) -}}
{{- else if and (regexMatch "^v[01]\\." (toString $c.image.tag)) (eq $c.image.image "tidegate") (not $c.image.repository) -}}
{{- $r = append $r (printf "controller.image.tag: %s is a version of the old controller; remove it, or name Tidegate's, for example tag: %q" $c.image.tag .Chart.AppVersion) -}}
{{- else if has (toString $c.image.digest) (list "sha256:594ceea76b01c592858f803f9ff4d2cb40542cae2060410b2c95f75907d659e1" "sha256:af31d00c9d82c612896b380a9003bd36843b7647b98e4588251c66325317bc72") -}}
{{- $r = append $r (printf "controller.image.digest: %s is the old controller's image, version 1.15.1; remove it" $c.image.digest) -}}
{{- else if and $c.image.digest (not $c.image.tag) (not $c.image.repository) (eq $path "tidegate") -}}
{{- $r = append $r (printf "controller.image.digest: %s without a repository may belong to the old controller's image, because copies of that chart's values contain its digest; remove the digest, or name its image in controller.image.repository" $c.image.digest) -}}
{{- end -}}
{{- if kindIs "slice" $c.ingressClass -}}
{{- $r = append $r (printf "controller.ingressClass: must be one name, not a list, for example ingressClass: %s; list other IngressClasses in controller.ingressClassResource.aliases" (first (append $c.ingressClass "nginx"))) -}}
{{- end -}}
{{- range $old, $now := include "tidegate.moved" . | fromYaml -}}
{{- if include "tidegate.given" (dict "values" $.Values "path" $old) }}{{ $r = append $r (printf "%s: %s" $old $now) }}{{ end -}}
{{- end -}}
{{- $without := .Files.Get "files/without-effect.yaml" | fromYaml -}}
{{- range $key, $setting := $without.settings -}}
{{- $value := tpl (include "tidegate.text" (index $c.config $key)) $ -}}
{{- if and $setting.unguarded (hasKey $c.config $key) (not (has (trim $value) (append $setting.idle ""))) (eq (include "tidegate.flagIsOn" (dict "extra" $extra "name" "ignore-modsecurity")) "false") -}}
{{- $r = append $r (printf "controller.config.%s: Tidegate would pass on requests without the firewall that this setting turns on; run a firewall in front of Tidegate and confirm that with controller.extraArgs.ignore-modsecurity: \"true\", or remove the setting" $key) -}}
{{- end -}}
{{- end -}}
{{- if $c.image.chroot -}}
{{- $r = append $r "controller.image.chroot: there is no chroot image. NGINX runs in a container of its own, without a token and with a read-only configuration; remove the value" -}}
{{- end -}}
{{- if or (not $c.image.runAsNonRoot) (eq (int $c.image.runAsUser) 0) $c.image.allowPrivilegeEscalation -}}
{{- $r = append $r "controller.image.runAsNonRoot, runAsUser, allowPrivilegeEscalation: both containers run as a user other than root (101) without privileges, and bind 8080 and 8443; remove the values" -}}
{{- end -}}
{{- if $c.shareProcessNamespace -}}
{{- $r = append $r "controller.shareProcessNamespace: NGINX could read the controller's token through /proc; remove the value" -}}
{{- end -}}
{{- if or (dig "customTemplate" "configMapName" "" $c) (dig "customTemplate" "configMapKey" "" $c) -}}
{{- $r = append $r "controller.customTemplate: a Go template cannot be rendered. Mount a folder with nginx.conf.hbs and server.hbs through controller.extraVolumes and manager.extraVolumeMounts, and name it in manager.extraArgs.template-dir" -}}
{{- end -}}
{{- if $c.extraModules -}}
{{- $r = append $r "controller.extraModules: modules are loaded only from the image, because a module in a shared volume might also be loaded into the controller's container, which has the token; build an image with the Debian package of the module" -}}
{{- end -}}
{{- if $c.keda.enabled -}}
{{- $r = append $r "controller.keda.enabled: the chart creates no ScaledObject; use controller.autoscaling, or create a ScaledObject for the Deployment" -}}
{{- end -}}
{{- if $c.maxmindLicenseKey -}}
{{- $r = append $r "controller.maxmindLicenseKey: the image has no GeoIP module, so the databases would not be read; remove the value" -}}
{{- end -}}
{{- if eq $c.containerName "nginx" -}}
{{- $r = append $r "controller.containerName: the container of NGINX is already named nginx; choose another name, for example controller" -}}
{{- end -}}
{{- range $name, $port := include "tidegate.ports" . | fromYaml -}}
{{- if and (lt (int $port) 1024) (not $c.hostNetwork) -}}
{{- $r = append $r (printf "controller.containerPort.%s: %v cannot be bound without a capability; remove the value (clients connect to the Service's port), or set a port from 1024 on, for example 8080" $name $port) -}}
{{- end -}}
{{- if and $c.hostNetwork $c.hostPort.enabled (ne (int $port) (index $c.hostPort.ports $name | default $port | int)) -}}
{{- $r = append $r (printf "controller.hostPort.ports.%s: with hostNetwork, a host port must equal the port that NGINX binds (%v); set controller.containerPort.%s to the host port" $name $port $name) -}}
{{- end -}}
{{- end -}}
{{- if has (toString (dig "httpGet" "path" "" ($c.startupProbe | default dict))) (list "/ready") -}}
{{- $r = append $r "controller.startupProbe.httpGet.path: /ready succeeds only after the controller has started, and the controller starts only after this probe has succeeded; remove httpGet (the probe then checks whether the port is open)" -}}
{{- end -}}
{{- if and .Values.rbac.scope (not $c.scope.enabled) -}}
{{- $r = append $r "rbac.scope: without a ClusterRole, only one namespace can be watched; set controller.scope.enabled to true" -}}
{{- end -}}
{{- if and $c.scope.enabled $c.scope.namespaceSelector -}}
{{- $r = append $r "controller.scope.namespaceSelector: cannot be combined with controller.scope.enabled, which watches one namespace; remove one of the two" -}}
{{- end -}}
{{- range $flag, $path := dict "watch-namespace" "set with controller.scope.enabled and controller.scope.namespace" "election-id" "set with controller.electionID" "run-dir" "fixed, because the volumes are mounted there" -}}
{{- if hasKey $extra $flag }}{{ $r = append $r (printf "controller.extraArgs.%s: permissions or mounts depend on this flag; remove it; its value is %s" $flag $path) }}{{ end -}}
{{- end -}}
{{- range $flag, $name := dict "http-listen-port" "http" "https-listen-port" "https" -}}
{{- if hasKey $extra $flag }}{{ $r = append $r (printf "controller.extraArgs.%s: the container's ports depend on this flag; set controller.containerPort.%s instead" $flag $name) }}{{ end -}}
{{- end -}}
{{- toYaml $r -}}
{{- end -}}

{{/* Values of older charts that now have another path: path → what to do. The chart rejects them, because it would
     otherwise ignore them. */}}
{{- define "tidegate.moved" -}}
rollingUpdate: moved to controller.updateStrategy.rollingUpdate
controller.rollingUpdate: moved to controller.updateStrategy.rollingUpdate
controller.daemonset: 'moved to controller.hostPort, for example controller.hostPort.enabled: true'
controller.headers: renamed to controller.proxySetHeaders
controller.setAsDefaultIngress: 'replaced by controller.ingressClassResource.default: true'
ingress-nginx: these are values of a parent chart; pass what is below this key as top-level values
{{- end -}}

{{/* Values of older charts that have no effect in this chart and did not affect traffic: path → reason. */}}
{{- define "tidegate.outdated" -}}
podSecurityPolicy: 'Kubernetes has no PodSecurityPolicies since 1.25; the Pods comply with the Pod Security Standard restricted'
controller.podSecurityPolicy: 'Kubernetes has no PodSecurityPolicies since 1.25; the Pods comply with the Pod Security Standard restricted'
controller.admissionWebhooks.createSecretJob: 'there are no Jobs: the controller makes and renews the certificate of the webhook itself'
controller.admissionWebhooks.patchWebhookJob: 'there are no Jobs: the controller writes the caBundle of the webhook itself'
controller.admissionWebhooks.patch: 'there are no Jobs: the controller makes and renews the certificate of the webhook itself'
controller.admissionWebhooks.extraEnvs: 'there are no Jobs that could have an environment'
controller.opentelemetry: 'NGINX sends no traces yet, so no module is needed; trace headers are passed on unchanged'
stats: 'the status page of NGINX is always on the status port; controller.metrics.enabled turns on metrics'
controller.stats: 'the status page of NGINX is always on the status port; controller.metrics.enabled turns on metrics'
controller.service.omitClusterIP: the Service has a cluster IP only if controller.service.clusterIP is set
controller.metrics.service.omitClusterIP: the Service has a cluster IP only if controller.metrics.service.clusterIP is set
controller.autoscaling.apiVersion: the autoscaler uses autoscaling/v2, which every supported version of Kubernetes has
{{- end -}}

{{/* "true" if the value at a path is not empty. Argument: dict with values, path. */}}
{{- define "tidegate.given" -}}
{{- $found := .values -}}
{{- range splitList "." .path -}}
{{- if kindIs "map" $found }}{{ $found = index $found . }}{{ else }}{{ $found = "" }}{{ end -}}
{{- end -}}
{{- if $found }}true{{ end -}}
{{- end -}}

{{/* "true" if a flag is given and is not false, else "false". Argument: dict with extra, name. */}}
{{- define "tidegate.flagIsOn" -}}
{{- and (hasKey .extra .name) (not (has (toString (index .extra .name)) (list "false" "False" "FALSE" "f" "F" "0"))) -}}
{{- end -}}

{{/* Settings and flags without effect: a YAML list of sentences for NOTES.txt. Argument: dict with context, unguarded;
     `unguarded` selects the settings that would guard access, or all others. */}}
{{- define "tidegate.withoutEffect" -}}
{{- $context := .context -}}
{{- $unguarded := .unguarded -}}
{{- $without := $context.Files.Get "files/without-effect.yaml" | fromYaml -}}
{{- $notes := list -}}
{{- range $key, $value := $context.Values.controller.config -}}
{{- with index $without.settings $key -}}
{{- if and (eq (not .unguarded) (not $unguarded)) (not (has (tpl (include "tidegate.text" $value) $context | trim) (append .idle ""))) -}}
{{- $notes = append $notes (printf "controller.config.%s %s." $key .why) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if not $unguarded -}}
{{- range $flag, $_ := include "tidegate.extraArgs" $context | fromYaml -}}
{{- with index $without.flags $flag }}{{ $notes = append $notes (printf "controller.extraArgs.%s %s." $flag .) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- toYaml $notes -}}
{{- end -}}

{{/* Values that are accepted without effect: a YAML list of sentences for NOTES.txt. */}}
{{- define "tidegate.ignored" -}}
{{- $c := .Values.controller -}}
{{- $notes := list -}}
{{- if and $c.admissionWebhooks.enabled (ne (include "tidegate.webhook" .) "true") -}}
{{- $notes = append $notes "controller.admissionWebhooks.enabled: there is no webhook, because with rbac.scope the controller cannot write its cluster-wide configuration. Use controller.admissionWebhooks.certManager, or your own certificate (controller.admissionWebhooks.certificate)." -}}
{{- end -}}
{{- if and (eq (include "tidegate.webhook" .) "true") (ne (include "tidegate.webhookPort" .) ($c.admissionWebhooks.port | default 8444 | int | toString)) -}}
{{- $notes = append $notes "controller.admissionWebhooks.port: 8443 is NGINX's port for HTTPS; the webhook listens on 8444. A firewall between the API server and the nodes has to admit it. To keep 8443 for the webhook, choose another controller.containerPort.https." -}}
{{- end -}}
{{- range $path, $why := include "tidegate.outdated" . | fromYaml -}}
{{- if include "tidegate.given" (dict "values" $.Values "path" $path) }}{{ $notes = append $notes (printf "%s: %s." $path $why) }}{{ end -}}
{{- end -}}
{{- if not $c.image.readOnlyRootFilesystem -}}
{{- $notes = append $notes "controller.image.readOnlyRootFilesystem: the root file system of both containers is nevertheless read-only, because nothing writes to it; controller.containerSecurityContext and manager.containerSecurityContext replace the whole security context." -}}
{{- end -}}
{{- if has "/wait-shutdown" (dig "preStop" "exec" "command" (list) $c.lifecycle) -}}
{{- $notes = append $notes "controller.lifecycle.preStop: /wait-shutdown was a program of the old image, so the hook is left out; NGINX finishes its requests without a hook." -}}
{{- end -}}
{{- range $name := list "startupProbe" "livenessProbe" "readinessProbe" -}}
{{- if eq (toString (dig "httpGet" "port" "" (index $c $name | default dict))) "10254" -}}
{{- $notes = append $notes (printf "controller.%s.httpGet: this probe would check the controller; it checks NGINX instead, with the given timings." $name) -}}
{{- end -}}
{{- end -}}
{{- if and (not $c.hostNetwork) (or (eq (index $c.containerPort "http" | default 0 | int) 80) (eq (index $c.containerPort "https" | default 0 | int) 443)) -}}
{{- $notes = append $notes "controller.containerPort: 80 and 443 need a capability; NGINX listens on 8080 and 8443 behind the Service's 80 and 443." -}}
{{- end -}}
{{- if and $c.service.enabled $c.service.internal.enabled (ne (include "tidegate.internalService" .) "true") -}}
{{- $notes = append $notes "controller.service.internal: no Service was created, because without annotations or a loadBalancerClass it would be a second public load balancer." -}}
{{- end -}}
{{- toYaml $notes -}}
{{- end -}}
