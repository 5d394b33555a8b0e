/** The report as one HTML file, without references to anything outside of it. */
import { printable } from '../../types/printable.ts';
import type { MigrationReport } from '../report.ts';
import { type Block, type IngressBlock, type ReportEntry, VERDICT_WORDS } from './block.ts';
import { reportBlocks } from './blocks.ts';
import { SCRIPT, STYLE } from './html-assets.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** A sentence in which backticks mark names. */
function sentence(text: string): string {
  const parts = text.split('`');
  if (parts.length % 2 === 0) return escaped(text);
  return parts.map((part, at) => (at % 2 === 1 ? `<code>${escaped(part)}</code>` : escaped(part))).join('');
}

function badge(verdict: ReportEntry['verdict']): string {
  return verdict === undefined ? '' : `<strong class="verdict ${verdict}">${VERDICT_WORDS[verdict]}</strong> `;
}

function entryItem({ title, value, verdict, place, sentences }: ReportEntry): string {
  const shown = value === undefined ? '' : ` = <code>${escaped(value)}</code>`;
  const where = place === undefined ? '' : ` <span class="place">${escaped(place)}</span>`;
  const list =
    sentences.length === 0 ? '' : `<ul>${sentences.map((text) => `<li>${sentence(text)}</li>`).join('')}</ul>`;
  return `<li>${badge(verdict)}<span class="name">${escaped(title)}</span>${shown}${where}${list}</li>`;
}

function ingressSection({ title, verdict, place, entries, same }: IngressBlock): string {
  const where = place === undefined ? '' : ` <span class="place">${escaped(place)}</span>`;
  const items = [
    ...entries.map(entryItem),
    ...(same.length === 0
      ? []
      : [`<li>${badge('same')}${same.map((name) => `<code>${escaped(name)}</code>`).join(', ')}</li>`]),
  ];
  const list = items.length === 0 ? '<p>It has no annotation of ingress-nginx.</p>' : `<ul>${items.join('\n')}</ul>`;
  return `<article data-verdict="${verdict}"><h3>${badge(verdict)}${escaped(title)}${where}</h3>\n${list}</article>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const titles = head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join('');
  const body = rows.map(([first = '', ...rest]) => {
    const cells = rest.map((cell) => `<td>${escaped(cell)}</td>`).join('');
    return `<tr><th scope="row">${escaped(first)}</th>${cells}</tr>`;
  });
  return `<table><thead><tr>${titles}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
}

const SEARCH =
  '<div class="search" role="search"><label for="words">Search in the Ingresses</label> <input id="words" type="search"> ' +
  '<label for="only">Show</label> <select id="only"><option value="">all</option>' +
  '<option value="closed">closed</option><option value="differs">differs</option><option value="same">same</option>' +
  '</select> <output id="shown" for="words only"></output></div>';

function markup(block: Block): string {
  switch (block.kind) {
    case 'title':
      return `<h1>${escaped(block.text)}</h1>`;
    case 'heading':
      return `<h2>${escaped(block.text)}</h2>${block.text === 'Ingresses' ? SEARCH : ''}`;
    case 'paragraph':
      return `<p>${sentence(block.text)}</p>`;
    case 'table':
      return table(block.head, block.rows);
    case 'entries':
      return `<ul>${block.entries.map(entryItem).join('\n')}</ul>`;
    case 'ingress':
      return ingressSection(block);
  }
}

/** The policy allows nothing to be loaded, and no script but ours to run. `hash` returns base64 of SHA-256. */
function policy(hash: (text: string) => string): string {
  return `default-src 'none'; style-src 'sha256-${hash(STYLE)}'; script-src 'sha256-${hash(SCRIPT)}'`;
}

export function htmlReport(report: MigrationReport, hash: (text: string) => string): string {
  const blocks = reportBlocks(report);
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy(hash)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<title>Migration from ingress-nginx to Tidegate</title>',
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    ...blocks.map(markup),
    '</main>',
    `<script>${SCRIPT}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
