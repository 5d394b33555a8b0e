/** The command that makes a dump for `tidegate migrate`. Secrets are left out on purpose: only their names are needed. */
export const DUMP_COMMAND =
  'kubectl get ingresses,ingressclasses,services,endpointslices,configmaps,namespaces,deployments,daemonsets,' +
  'hpa,pdb --all-namespaces --output yaml';
