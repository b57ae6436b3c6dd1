/** The comment for a pull request, read as GitHub reads it: by a parser of its Markdown, by the HTML that comes out, and by Mermaid. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import { marked } from 'marked';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckResultDocument } from '../../src/cli/documents.ts';
import type { Judged } from '../../src/cli/junit.ts';
import { MARKDOWN_MAX, toMarkdown } from '../../src/cli/markdown.ts';
import { loadMermaid, unloadMermaid } from '../mermaid-reader.ts';
import { folderWith, LIGHTS, MISTAKE, ModuleProcess, run } from './harness.ts';
import { hostile, VARIANT } from './hostile.ts';

const { path: folder, remove } = folderWith({ 'lights.ts': LIGHTS, 'mistake.ts': MISTAKE });
const modules = new ModuleProcess();
afterAll(() => {
  modules.end();
  remove();
});
const file = join(folder, 'comment.md');

async function written(args: readonly string[], check: typeof run = run): Promise<{ text: string; page: Document }> {
  await check(['check', ...args, '--quiet', '--markdown', file]);
  return read(readFileSync(file, 'utf8'));
}

function read(text: string): { text: string; page: Document } {
  return { text, page: new JSDOM(marked.parse(text, { gfm: true, async: false })).window.document };
}

const inFolder: typeof run = (args) => modules.run(args, folder);

function rowsOf(page: Document): string[][] {
  return [...page.querySelectorAll('tr')].map((row) => [...row.children].map((cell) => cell.textContent!.trim()));
}

function codesOf(page: Document, language: string): string[] {
  return [...page.querySelectorAll(`pre > code.language-${language}`)].map((code) => code.textContent!);
}

let mermaid: Awaited<ReturnType<typeof loadMermaid>>;
beforeAll(async () => {
  mermaid = await loadMermaid();
});
afterAll(unloadMermaid);

describe('check --markdown', () => {
  test('has a row for each variant, and of a violation the chart, folded, and what replays it', async () => {
    const { page } = await written(['./lights.ts'], inFolder);
    expect(page.querySelector('h3')!.textContent).toBe('❌ Faultline: violated');
    expect(rowsOf(page)).toEqual([
      ['', 'scenario', 'variant', 'verdict', 'expected', 'states', 'time'],
      ['❌', './lights.ts', '-', 'violated', '-', '4', expect.stringMatching(/^0\.\d\d s$/)],
    ]);
    expect(page.querySelector('h4')!.textContent).toBe('❌ ./lights.ts: violated');
    expect(page.body.textContent).toContain('Violated: never both green');
    const [details] = page.querySelectorAll('details');
    expect(details!.querySelector('summary')!.textContent).toBe('its shortest trace, 2 steps, and why');
    const [chart] = codesOf(page, 'mermaid');
    expect(details!.textContent).toContain(chart);
    expect(await mermaid.parse(chart!)).toMatchObject({ diagramType: 'sequence' });
    expect(chart).toContain('violated: never both green');
    expect(codesOf(page, 'sh')).toEqual(['npx faultline replay ./lights.ts 0/1\n']);
  });

  test('tells what was expected, and puts what is not as expected before what is', async () => {
    const { page } = await written(['ping-pong', 'bounded-fifo']);
    expect(page.querySelector('h3')!.textContent).toMatch(/^✅ Faultline: all \d+ results are as expected$/);
    expect(rowsOf(page)).toContainEqual([
      '✅',
      'ping-pong',
      'careless',
      'violated',
      'violated',
      '12',
      expect.any(String),
    ]);
    expect(page.querySelector('h4')!.textContent).toMatch(/^✅ .*: violated, as expected$/);
  });

  test('a result that is not what its scenario expects says both', async () => {
    const { page } = await written(['bounded-fifo', '--set', 'capacity=1', '--max-states', '3']);
    expect(page.body.textContent).toMatch(/Expected holds, got unknown/);
    expect(rowsOf(page).map(([mark]) => mark)).toContain('⚠️');
  });

  test('a search that stopped at a bound never says that anything holds', async () => {
    const { text, page } = await written(['ping-pong', '--variant', 'lossy', '--max-states', '5']);
    expect(page.querySelector('h3')!.textContent).toBe('⚠️ Faultline: unknown');
    expect(page.body.textContent).toMatch(/Undecided: the search stopped after \d+ states.*--max-states/);
    // What was expected is all that may hold.
    expect(rowsOf(page)[1]!.slice(3, 5)).toEqual(['unknown', 'holds']);
    expect(text.replace('unknown | holds', '').replace('Expected <code>holds</code>', '')).not.toMatch(/\bholds?\b/i);
  });

  test('a wrong model is told with its trace, although the status is another one', async () => {
    const { page } = await written(['./mistake.ts', './lights.ts'], inFolder);
    expect(page.querySelector('h3')!.textContent).toBe(
      '🛑 Faultline: the model is wrong, and 2 of 2 results are not as wanted',
    );
    expect(page.body.textContent).toContain('The model is wrong (unhandled-message): ');
    for (const chart of codesOf(page, 'mermaid')) expect(await mermaid.parse(chart)).toBeTruthy();
    expect(codesOf(page, 'mermaid')).toHaveLength(2);
  });

  test('all violations are told, the one that is charted first', async () => {
    const { page } = await written(['ping-pong', '--variant', 'careless', '--all-violations', '--max-states', '50']);
    expect(page.body.textContent).toContain('Violated: ');
  });

  test.each([
    [['ping-pong', '--markdown', join('no', 'where.md')], /cannot write no\/where\.md: there is no folder/],
    [['ping-pong', '--markdown', file, '--junit', file], /--junit and --markdown both want/],
  ])('%j is refused before the search', async (args, message) => {
    const { status, stderr } = await run(['check', ...args]);
    expect(stderr).toMatch(message);
    expect(status).toBe(3);
  });
});

test('hostile names are text: in the table, in the headings, in commands and in the chart', async () => {
  const { text, page } = await written(['hostile', '--variant', VARIANT], (args) =>
    run(args, { catalogue: [hostile] }),
  );
  expect(text).not.toMatch(/\p{Cc}(?<!\n)|[\u202e\u2028]/u);
  expect([...page.querySelectorAll('script, img, a')].map((one) => one.outerHTML)).toEqual([]);
  expect(rowsOf(page).map((row) => row.length)).toEqual([7, 7]);
  expect(page.querySelectorAll('details')).toHaveLength(1);
  const [chart] = codesOf(page, 'mermaid');
  expect(await mermaid.parse(chart!)).toBeTruthy();
  expect(chart).not.toContain('<script');
});

describe('what is made of a name', () => {
  const NAME =
    'a|b `c` ``` *d* _e_ ~~f~~ [g](http://h.example) <b>i</b> #12 @everyone :tada: $x$ www.j.example k@l.example \\| m\n\n# n';

  test.each(['scenario', 'variant', 'property'] as const)('%s: text, whatever is in it', (field) => {
    const result = { ...VIOLATED, [field]: NAME };
    const { text, page } = read(toMarkdown([judged(result)], { status: 1 }));
    const outside = text.replaceAll(/^```[\s\S]*?^```/gm, '');
    expect(outside).not.toMatch(/@everyone|(?<!&)#12|www\.j|http:/);
    expect([...page.querySelectorAll('a, b, em, del, h1')].map((one) => one.outerHTML)).toEqual([]);
    expect(rowsOf(page).map((row) => row.length)).toEqual([7, 7]);
    expect(page.body.textContent).toContain(NAME.replaceAll('\n', '\\n').slice(0, 79));
    // GitHub makes no mention, reference or emoji of what is code.
    for (const code of page.querySelectorAll('code')) code.remove();
    expect(page.body.textContent).not.toMatch(/everyone|tada|12/);
  });

  test('a command cannot leave its block', () => {
    const args = "./x.ts --variant 'a\n```\n# b\n````\nc'";
    const { page } = read(toMarkdown([{ ...judged(VIOLATED), args }], { status: 1 }));
    expect(codesOf(page, 'sh')[0]).toContain('```\n# b\n````\n');
    expect(page.querySelector('h1')).toBeNull();
  });
});

describe('what GitHub takes', () => {
  const many = (count: number, result: Partial<CheckResultDocument>) =>
    Array.from({ length: count }, (_, index) => judged({ ...VIOLATED, ...result, variant: `variant-${index}` }));

  test('no more characters than a comment may have, and what is left out is said', () => {
    const { text, page } = read(toMarkdown(many(200, {}), { status: 1 }));
    expect(text.length).toBeLessThanOrEqual(MARKDOWN_MAX);
    expect(MARKDOWN_MAX).toBeLessThan(65_536);
    expect(text.length).toBeGreaterThan(MARKDOWN_MAX * 0.9);
    expect(rowsOf(page)).toHaveLength(201);
    const [, charts] = /Left out, .*: (\d+) charts/.exec(page.body.textContent!)!;
    expect(codesOf(page, 'mermaid')).toHaveLength(200 - Number(charts));
  });

  test('of a large table what is not as wanted is kept', () => {
    const held = many(2000, { verdict: 'holds', property: null, trace: null });
    const { text, page } = read(toMarkdown([...held, judged({ ...VIOLATED, variant: 'last' })], { status: 1 }));
    expect(text.length).toBeLessThanOrEqual(MARKDOWN_MAX);
    expect(rowsOf(page).at(-1)!.slice(0, 3)).toEqual(['❌', 'lights', 'last']);
    expect(page.body.textContent).toMatch(/Left out, .*: [\d,]+ rows of the table/);
    expect(codesOf(page, 'mermaid')).toHaveLength(1);
  });

  test('nor a chart that it would not draw, nor a command without an end', () => {
    const steps = Array.from({ length: 2000 }, () => VIOLATED.trace!.steps[0]!);
    const trace = { ...VIOLATED.trace!, steps, schedule: steps.map(() => '0').join('/') };
    const { text, page } = read(toMarkdown([judged({ ...VIOLATED, trace })], { status: 1 }));
    expect(text.length).toBeLessThan(5000);
    expect(codesOf(page, 'mermaid')).toEqual([]);
    expect(codesOf(page, 'sh')).toEqual([]);
    expect(page.body.textContent).toMatch(/Left out, .*: 1 chart, 1 command/);
  });

  test('thousands of hostile names of any length', () => {
    const results = Array.from({ length: 3000 }, (_, at) =>
      judged({ ...VIOLATED, scenario: '|<@'.repeat(at), variant: '`'.repeat(at), property: '&'.repeat(at) }),
    );
    const text = toMarkdown(results, { status: 1 });
    expect(text.length).toBeLessThanOrEqual(MARKDOWN_MAX);
    expect(text).toMatch(/Left out, .*: [\d,]+ rows of the table, .* results/);
  });
});

let VIOLATED: CheckResultDocument;
beforeAll(async () => {
  const { stdout } = await modules.run(['check', './lights.ts', '--json', '--quiet'], folder);
  VIOLATED = { ...(JSON.parse(stdout) as { results: CheckResultDocument[] }).results[0]!, scenario: 'lights' };
});

function judged(result: CheckResultDocument): Judged {
  return { result, args: './lights.ts', compared: false };
}
