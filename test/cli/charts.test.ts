import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { checkDocumentSchema } from '../../src/cli/documents.ts';
import { folderWith, run } from './harness.ts';

const { path: folder, remove } = folderWith({});
afterAll(remove);
afterEach(() => expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]));

const FIFO = ['bounded-fifo', '--variant', 'unordered', '--set', 'capacity=3'];
const REPLAYED = ['replay', ...FIFO, '0/0/2'];

function expectSvg(text: string): void {
  const { document } = new JSDOM(text, { contentType: 'image/svg+xml' }).window;
  expect(document.documentElement.tagName).toBe('svg');
  expect(document.documentElement.textContent).toContain('violated: items arrive complete and in order');
  expect(document.documentElement.textContent).toContain('bounded-fifo, unordered');
}

describe('replay --chart', () => {
  test('svg has stdout to itself, and the summary goes to stderr', async () => {
    const { status, stdout, stderr } = await run([...REPLAYED, '--chart', 'svg']);
    expect(status).toBe(1);
    expectSvg(stdout);
    expect(stderr).toContain('violated: items arrive complete and in order');
  });

  test('mermaid marks the violation', async () => {
    const { stdout } = await run([...REPLAYED, '--chart', 'mermaid']);
    expect(stdout).toMatch(/^sequenceDiagram\n/);
    expect(stdout).toContain('ITEM(number=1), overtakes ITEM of step 1');
    expect(stdout).toMatch(/violated: items arrive complete and in order\n {2}end\n$/);
  });

  test('text is what replay shows anyway', async () => {
    expect(await run([...REPLAYED, '--chart', 'text'])).toEqual(await run(REPLAYED));
    expect((await run(REPLAYED)).stdout).toContain('overtakes ITEM of step 1');
  });

  test('goes to a file with -o, and --json stays as it is', async () => {
    const file = join(folder, 'replayed.svg');
    const { stdout, stderr } = await run([...REPLAYED, '--chart', 'svg', '-o', file, '--json']);
    expect(JSON.parse(stdout)).toHaveProperty('kind', 'replay');
    expect(stderr).toBe('');
    expectSvg(readFileSync(file, 'utf8'));
  });

  test.each<[string[], RegExp]>([
    [['--chart', 'smv'], /--chart smv: there is no such chart\n {2}did you mean "svg"\?/],
    [['--chart', 'svg', '--format', 'itf'], /--chart and --format do not go together/],
    [['--chart', 'svg', '--json'], /--json and --chart svg both want stdout/],
    [['--chart', 'svg', '-o', join(folder, 'no/where.svg')], /cannot write .*: there is no folder/],
  ])('with %j is refused with status 3', async (args, message) => {
    const { status, stdout, stderr } = await run([...REPLAYED, ...args]);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(3);
  });
});

describe('check --chart', () => {
  test('svg has stdout to itself, and the report goes to stderr', async () => {
    const { status, stdout, stderr } = await run(['check', ...FIFO, '--quiet', '--chart', 'svg']);
    expect(status).toBe(1);
    expectSvg(stdout);
    expect(stderr).toContain('replay it: npx faultline replay bounded-fifo --variant unordered');
  });

  test.each([
    ['chart.svg', /^<\?xml/],
    ['chart.mmd', /^sequenceDiagram/],
    ['chart.txt', /^ 1 {2}producer\.PRODUCE/],
  ])('goes to %s in the format of its suffix', async (name, beginning) => {
    const file = join(folder, name);
    const { status, stdout } = await run(['check', ...FIFO, '--quiet', '--chart-out', file]);
    expect(status).toBe(1);
    expect(stdout).toContain('violated: items arrive complete and in order');
    expect(readFileSync(file, 'utf8')).toMatch(beginning);
  });

  test('says the format of a file whose suffix does not, beside --json', async () => {
    const file = join(folder, 'chart.out');
    const { stdout } = await run(['check', ...FIFO, '--quiet', '--chart', 'svg', '--chart-out', file, '--json']);
    expect(checkDocumentSchema.parse(JSON.parse(stdout)).results[0]!.verdict).toBe('violated');
    expectSvg(readFileSync(file, 'utf8'));
  });

  test('shows a dead end', async () => {
    const args = ['dining-philosophers', '--variant', 'left-right', '--set', 'philosophers=3'];
    const { stdout } = await run(['check', ...args, '--quiet', '--chart', 'mermaid']);
    expect(stdout).toContain('nothing can happen any more');
    expect(stdout).toContain('  activate ');
  });

  test('writes nothing when there is no trace, and says so', async () => {
    const file = join(folder, 'none.svg');
    const { status, stderr } = await run([
      'check',
      'ping-pong',
      '--variant',
      'reliable',
      '--quiet',
      '--chart-out',
      file,
    ]);
    expect(status).toBe(0);
    expect(stderr).toBe(`faultline: holds, without a trace: ${file} is not written\n`);
    expect(existsSync(file)).toBe(false);
  });

  test.each<[string[], RegExp]>([
    [['ping-pong', '--chart', 'svg'], /--chart is for one trace, but this checks 3 variants\n {2}choose one/],
    [['ping-pong', '--chart-out', 'x.svg'], /--chart-out is for one trace/],
    [[...FIFO, '--chart', 'png'], /--chart png: there is no such chart/],
    [[...FIFO, '--chart-out', 'chart.png'], /the suffix of chart\.png says no chart format\n {2}there are: \.svg/],
    [[...FIFO, '--chart', 'svg', '--json'], /both want stdout\n {2}say where the chart goes by --chart-out FILE/],
    [[...FIFO, '--chart-out', join(folder, 'no/where.svg')], /cannot write .*: there is no folder/],
    [[...FIFO, '--chart-out', 'same.svg', '--junit', './same.svg'], /--chart-out and --junit both want/],
  ])('%j is refused with status 3 before the search', async (args, message) => {
    const { status, stdout, stderr } = await run(['check', '--quiet', ...args]);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(3);
  });

  test('leaves a file as it was when another one cannot be written', async () => {
    const file = join(folder, 'kept.xml');
    writeFileSync(file, 'kept');
    const args = ['--junit', file, '--sarif', join(folder, 'no/where.sarif')];
    expect((await run(['check', ...FIFO, '--quiet', ...args])).status).toBe(3);
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });
});
