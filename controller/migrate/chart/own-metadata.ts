/** Labels and annotations that nobody wrote into values: the chart, helm, kubectl and Kubernetes set them themselves. */

const OWN = [
  /^app\.kubernetes\.io\/(?:name|instance|component|version|part-of|managed-by)$/,
  /^(?:helm\.sh|meta\.helm\.sh|kubectl\.kubernetes\.io|deployment\.kubernetes\.io|autoscaling\.alpha\.kubernetes\.io)\//,
  /^(?:pod-template-(?:hash|generation)|controller-revision-hash|deprecated\.daemonset\.template\.generation)$/,
];

export function withoutGenerated(texts: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(texts ?? {}).filter(([name]) => !OWN.some((each) => each.test(name))));
}
