/** Style and script of the HTML report. The script only hides what a search does not find. */

export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --closed: #b3261e; --differs: #7a5200; --same: #1f6f3a; }
@media (prefers-color-scheme: dark) { :root { --closed: #ffb4ab; --differs: #ffcc66; --same: #8fd8a4; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
h2 { border-bottom: 1px solid var(--line); margin-top: 2rem; }
article { border: 1px solid var(--line); border-radius: 6px; margin: 1rem 0; padding: 0 1rem; }
table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: 0.25rem 0.75rem; text-align: start; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
.name { font-weight: 600; overflow-wrap: anywhere; }
.place { font-family: ui-monospace, monospace; font-size: 0.9em; }
.verdict { border: 1px solid; border-radius: 4px; padding: 0 0.4em; font-size: 0.85em; }
.closed, .refused { color: var(--closed); }
.differs, .no-effect, .replaced, .unknown { color: var(--differs); }
.same { color: var(--same); }
.search { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
input, select { font: inherit; padding: 0.25rem; }
[hidden] { display: none; }
@media print { .search { display: none; } article { break-inside: avoid; } main { max-width: none; } }
`;

export const SCRIPT = `
'use strict';
const words = document.getElementById('words');
const only = document.getElementById('only');
const shown = document.getElementById('shown');
const articles = [...document.querySelectorAll('article')];
const texts = articles.map((each) => each.textContent.toLowerCase());
function update() {
  const wanted = words.value.toLowerCase().split(/\\s+/).filter((each) => each !== '');
  let count = 0;
  articles.forEach((article, at) => {
    const fits = only.value === '' || article.dataset.verdict === only.value;
    article.hidden = !(fits && wanted.every((word) => texts[at].includes(word)));
    if (!article.hidden) count += 1;
  });
  shown.textContent = count + ' of ' + articles.length + ' shown';
}
if (words !== null) {
  words.addEventListener('input', update);
  only.addEventListener('change', update);
  update();
}
`;
