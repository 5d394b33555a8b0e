/** Says what happens to one request, without sending it. */
import { useEffect, useRef } from 'preact/hooks';
import type { Explanation } from '../../../controller/explain/explanation.ts';
import { useAnswer } from '../api/use-answer.ts';
import { Failure } from '../parts/failure.tsx';
import { replacePlace } from '../parts/use-place.ts';
import { branches, likelyResults, otherResults, settingLines, STEP_SIGNS } from '../text/explanation.ts';

type Parameters = Readonly<Record<string, string>>;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const FIELDS = ['url', 'method', 'header', 'from', 'clientCert'] as const;

/** The fields that are not empty, as parameters of the API. */
function questionOf(parameters: Parameters) {
  const { url = '', method = '', header = '', from = '', clientCert = '' } = parameters;
  if (url === '') return undefined;
  return {
    url: /^https?:\/\//i.test(url) ? url : `https://${url}`,
    ...(method !== '' && { method }),
    ...(header !== '' && { header }),
    ...(from !== '' && { from }),
    ...(clientCert !== '' && { clientCert }),
  };
}

export function ExplainView({ parameters }: { readonly parameters: Parameters }) {
  const question = questionOf(parameters);
  const { answer, failure } = useAnswer('explain', question);
  return (
    <>
      <p class="muted">
        Enter a request to see which Ingress and path it belongs to, what NGINX does with it and why. Nothing is sent.
      </p>
      <RequestForm parameters={parameters} />
      {failure?.status === 400 ? (
        <p class="notice bad" role="alert">
          {failure.message}
        </p>
      ) : (
        <Failure failure={failure} />
      )}
      <div aria-live="polite">
        {/* The API answers with the structure that `tidegate explain -o json` prints. */}
        {answer !== undefined && <ExplanationTree explanation={answer.explanation as unknown as Explanation} />}
      </div>
    </>
  );
}

function RequestForm({ parameters }: { readonly parameters: Parameters }) {
  const form = useRef<HTMLFormElement>(null);
  const written = JSON.stringify(parameters);
  // What somebody types stays while answers arrive; only another place changes it.
  useEffect(() => {
    const { elements } = form.current ?? {};
    for (const name of FIELDS) {
      const field = elements?.namedItem(name);
      const value = parameters[name] ?? (name === 'method' ? 'GET' : '');
      if (field !== null && field !== undefined && 'value' in field) field.value = value;
    }
  }, [written]);
  const hasMore = FIELDS.slice(2).some((name) => (parameters[name] ?? '') !== '');
  const submit = (submitted: HTMLFormElement): void => {
    const data = new FormData(submitted);
    const valueOf = (name: string): string => {
      const value = data.get(name);
      return typeof value === 'string' ? value.trim() : '';
    };
    const method = valueOf('method');
    replacePlace('explain', {
      ...Object.fromEntries(FIELDS.map((name) => [name, valueOf(name)])),
      method: method === 'GET' ? '' : method,
    });
  };
  return (
    <form
      ref={form}
      class="panel request"
      onSubmit={(event) => {
        event.preventDefault();
        submit(event.currentTarget);
      }}
    >
      <div class="request-line">
        <label>
          Method
          <select name="method">
            {METHODS.map((method) => (
              <option key={method}>{method}</option>
            ))}
          </select>
        </label>
        <label class="wide">
          URL
          <input
            name="url"
            required
            maxLength={16384}
            placeholder="https://shop.example.com/cart"

            spellcheck={false}
            autocomplete="off"
            inputMode="url"
          />
        </label>
        <button type="submit">Explain</button>
      </div>
      <details open={hasMore || undefined}>
        <summary>Headers, address and certificate of the client</summary>
        <label>
          Headers, one on each line
          <textarea name="header" rows={3} placeholder="X-Next: always" spellcheck={false} />
        </label>
        <div class="request-line">
          <label class="wide">
            Address of the client
            <input
              name="from"
              maxLength={64}
              placeholder="192.0.2.7"

              spellcheck={false}
            />
          </label>
          <label class="wide">
            Subject of the client certificate
            <input
              name="clientCert"
              maxLength={4096}
              placeholder="CN=alice,O=Example"

              spellcheck={false}
            />
          </label>
        </div>
      </details>
    </form>
  );
}

function ExplanationTree({ explanation }: { readonly explanation: Explanation }) {
  const others = otherResults(explanation);
  const { written, defaults } = settingLines(explanation);
  return (
    <section class="panel explanation" aria-label="Explanation">
      <h2>Result</h2>
      {likelyResults(explanation).map((text) => (
        <p key={text} class="result">
          {text}
        </p>
      ))}
      <BranchList title="Other results" lines={others} />
      <h3>Steps</h3>
      <ol class="steps">
        {explanation.steps.map(({ name, result, text }) => (
          <li key={`${name} ${text}`} class={result}>
            <span class="sign" aria-hidden="true">
              {STEP_SIGNS[result][0]}
            </span>
            <span class="step-name">{name}</span>
            <span>
              {text} <span class="hidden">({STEP_SIGNS[result][1]})</span>
            </span>
          </li>
        ))}
      </ol>
      {branches(explanation).map(({ title, lines }) => (
        <BranchList key={title} title={title} lines={lines} />
      ))}
      <BranchList title="Settings" lines={written} />
      {defaults.length > 0 && (
        <details>
          <summary>{defaults.length} settings have their default</summary>
          <ul class="tree">
            {defaults.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function BranchList({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="tree">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  );
}
