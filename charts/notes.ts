/** Renders the notes that helm prints after an installation. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHART, objectsOf, type RenderOptions, template } from './helm.ts';

/**
 * Renders NOTES.txt. helm prints notes only if it installs into a cluster, so this renders them as a value in a copy of
 * the chart.
 */
export async function renderNotes(options: RenderOptions = {}): Promise<string> {
  const chart = await mkdtemp(join(tmpdir(), 'tidegate-notes-'));
  try {
    await cp(CHART, chart, { recursive: true });
    const notes = await readFile(join(chart, 'templates/NOTES.txt'), 'utf8');
    const wrapped = `{{- define "notes" }}${notes}{{ end -}}\nnotes: {{ include "notes" . | quote }}\n`;
    await writeFile(join(chart, 'templates/notes.yaml'), wrapped);
    const { failed, stdout, stderr } = await template({ ...options, chart });
    if (failed) throw new Error(stderr);
    return (objectsOf(stdout).find((object) => 'notes' in object) as unknown as { notes: string }).notes;
  } finally {
    await rm(chart, { recursive: true });
  }
}
