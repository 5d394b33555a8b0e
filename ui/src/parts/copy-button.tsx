import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

/** How long the button says that the text was copied. */
const SAID_MS = 1500;

/** Copies a text to the clipboard. Browsers allow that on 127.0.0.1 and localhost. */
export function CopyButton({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <button type="button" class="plain" aria-label={copied ? 'Copied' : `Copy ${text}`} onClick={copy}>
      <Icon name={copied ? 'done' : 'copy'} />
    </button>
  );
}
