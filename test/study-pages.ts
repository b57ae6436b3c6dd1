/**
 * Runs the studies and writes into their pages, `docs/studies`, what came out: `npm run studies -- [NAME...]`. The tables stand between
 * `<!-- study: NAME -->` and `<!-- end -->`, the plots beside the page. All of them take some minutes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { studyNamed, studyNames } from '../machines/studies/by-name.ts';
import type { SimulateDocument } from '../src/cli/documents.ts';
import { writeStudyPlots } from '../src/cli/simulate-plots.ts';
import { cellText } from '../src/cli/simulate-text.ts';
import { catalogue, studies } from '../workers/catalogue.ts';
import { run } from './cli/in-process.ts';

export const STUDY_PAGES = fileURLToPath(new URL('../docs/studies/', import.meta.url));

const BLOCK = /(<!-- study: ([a-z0-9-]+) -->\n)[\s\S]*?(<!-- end -->)/;

/** The study whose tables a page has. */
export function studyOfPage(page: string): string | undefined {
  return BLOCK.exec(page)?.[2];
}

/** A page with the tables and the notes of a run. */
export function withTables(page: string, { tables, notes, seeds }: SimulateDocument): string {
  const text = [
    ...tables.map(({ title, head, rows }) =>
      [
        `${title}:`,
        '',
        `| ${head.join(' | ')} |`,
        `|${head.map((_, column) => (rows.some((row) => typeof row[column] === 'string') ? '---' : '---:')).join('|')}|`,
        ...rows.map((row) => `| ${row.map((cell) => cellText(cell).replaceAll('|', '\\|')).join(' | ')} |`),
      ].join('\n'),
    ),
    ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : []),
    `Means over ${seeds.length} seeds; ± is half of the 95 % interval.`,
  ];
  return page.replace(BLOCK, (_, begin: string, __, end: string) => `${begin}\n${text.join('\n\n')}\n\n${end}`);
}

/** `docs/studies/README.md`. */
export async function studyIndex(): Promise<string> {
  const all = await Promise.all(studyNames.map(async (name) => (await studyNamed(name))!));
  return [
    '<!-- Written by `npm run generate`. -->',
    '',
    '# Studies',
    '',
    'Questions about speed, each with the systems that are simulated to answer it: `npx faultline simulate NAME` runs one, in a minute or less.',
    'What a simulation is, and how to distrust it: [timing](../timing.md). D-NN is a question that the list left open',
    '([questions](../questions.md)), B-NN a historic problem, `seed:NNN` a thread of the list. What was measured, and what the studies',
    'are given: [constants](constants.md).',
    '',
    '| study | question | from |',
    '|---|---|---|',
    ...all.map(({ name, question, sources }) => `| [${name}](${name}.md) | ${question} | ${sources.join(', ')} |`),
    '',
  ].join('\n');
}

async function update(name: string): Promise<void> {
  const { stdout, stderr, status } = await run(['simulate', name, '--json'], {
    studies,
    catalogue,
    simulator: 'simulate',
  });
  if (status !== 0) throw new Error(`simulate ${name} ended with status ${status}: ${stderr}${stdout.slice(-2000)}`);
  const document = JSON.parse(stdout) as SimulateDocument;
  const path = `${STUDY_PAGES}${name}.md`;
  writeFileSync(path, withTables(readFileSync(path, 'utf8'), document));
  await writeStudyPlots(STUDY_PAGES, document);
  process.stdout.write(`${name}: ${document.seconds.toFixed(1)} s\n  ${document.answer.join('\n  ')}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = process.argv.slice(2);
  for (const name of asked.length > 0 ? asked : studyNames) await update(name);
}
