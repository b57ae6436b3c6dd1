/** `faultline report`: the command around the page. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { boundedFifo } from '../../machines/textbook/bounded-fifo.ts';
import { folderWith, LIGHTS, MISTAKE, ModuleProcess, run } from './harness.ts';

let folder: ReturnType<typeof folderWith>;
const at = (name: string) => join(folder.path, name);
const pageOf = (text: string) => new JSDOM(text).window.document;
const read = (name: string) => pageOf(readFileSync(at(name), 'utf8'));

beforeAll(() => {
  folder = folderWith({ 'lights.ts': LIGHTS, 'mistake.ts': MISTAKE });
});
afterAll(() => folder.remove());

const modules = new ModuleProcess();
afterAll(() => modules.end());

test('all variants of a scenario: one page, and the status of check', async () => {
  const { status, stdout, stderr } = await run(['report', 'bounded-fifo', '-o', at('fifo.html')]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/fifo\.html: 3 systems, 2 traces, 3 of 3 verdicts as expected, \d+ kB\n$/);
  expect(stderr).toContain('[1/3] bounded-fifo fixed: holds');
  const page = read('fifo.html');
  expect([...page.querySelectorAll('details.result h3')].map(({ textContent }) => textContent)).toEqual(
    Object.keys(boundedFifo.variants),
  );
  expect(page.querySelector('.parameters')!.textContent).toContain('from');
  expect(page.querySelector('#about')!.textContent).toMatch(/Faultline1\.2\.3\s*XState5\.[\d.]+\s*Node\d+/);
  expect(page.querySelector('#about code')!.textContent).toBe(
    `npx faultline report bounded-fifo -o ${at('fifo.html')}`,
  );
  expect(page.querySelectorAll('.picture img')).toHaveLength(2);
});

test('the replay line is the one that check prints, and it works', async () => {
  const args = ['dining-philosophers', '--variant', 'left-right', '--set', 'philosophers=3'];
  const { status, stdout } = await run(['report', ...args, '-o', '-', '--quiet']);
  expect(status).toBe(1);
  const page = pageOf(stdout);
  const line = page.querySelector('.replay code')!.textContent!;
  expect((await run(['check', ...args, '--quiet'])).stdout).toContain(`replay it: ${line}\n`);
  const [, , , ...replay] = line.split(' ');
  expect((await run(['replay', ...replay])).status).toBe(1);
  expect(page.querySelector('.parameters')!.textContent).toContain('3 (set)');
  expect(page.querySelector('#about code')!.textContent).toContain('--set philosophers=3 -o -');
});

test('--all is the whole catalogue, in one page of reasonable size', async () => {
  const { status, stdout } = await run(['report', '--all', '-o', at('all.html'), '--quiet']);
  expect(status).toBe(0);
  expect(stdout).toContain('verdicts as expected');
  const page = read('all.html');
  expect(page.querySelectorAll('section.scenario')).toHaveLength(3);
  const machines = [...page.querySelectorAll('.machine > figure svg')].map(({ outerHTML }) => outerHTML);
  expect(new Set(machines).size).toBe(machines.length);
  expect(readFileSync(at('all.html')).length).toBeLessThan(600_000);
});

test('the page is the same whether one thread makes the searches or several', { timeout: 60_000 }, async () => {
  const made = async (workers: string) => {
    const ran = await run(['report', '--all', '--workers', workers, '-o', at('dealt.html')], { searcher: 'check' });
    const text = readFileSync(at('dealt.html'), 'utf8')
      .replaceAll(/\d+(\.\d+)? s\b/g, 'TIME')
      .replace(/[\d-]{10} \d\d:\d\d UTC/, 'DATE')
      .replace(`--workers ${workers} `, '');
    return { ...ran, text, told: [...ran.stderr.matchAll(/^\[(\d+)\/9\]/gm)].map(([, index]) => Number(index)) };
  };
  const alone = await made('1');
  const dealt = await made('2');
  expect(dealt.text).toBe(alone.text);
  expect([dealt.status, dealt.stdout]).toEqual([alone.status, alone.stdout]);
  expect(alone.told).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  // The largest come first, and those of the other thread when it has loaded the catalogue.
  expect(dealt.told).not.toEqual(alone.told);
  expect(dealt.told.toSorted((one, other) => one - other)).toEqual(alone.told);
});

test('an interrupt reaches the searches of other threads, and the page is still written', {
  timeout: 60_000,
}, async () => {
  const args = ['report', '--all', '--workers', '2', '-o', at('stopped.html')];
  const { status } = await run(args, { searcher: 'check', signal: AbortSignal.abort() });
  expect(status).toBe(2);
  expect(read('stopped.html').querySelectorAll('details.result')).toHaveLength(9);
});

test('a plain system of a module', async () => {
  const spec = at('lights.ts');
  const { status } = await modules.run(['report', spec, '-o', at('lights.html'), '--quiet'], folder.path);
  expect(status).toBe(1);
  const page = read('lights.html');
  expect(page.querySelector('.replay code')!.textContent).toContain(spec);
  expect(page.querySelector('.chart-end')!.textContent).toContain('never both green');
});

test('a mistake in the model is reported with its trace, status 4', async () => {
  const { status, stderr } = await modules.run(['report', at('mistake.ts'), '-o', at('mistake.html')], folder.path);
  expect(stderr).toContain('mistake.ts: model error (unhandled-message), ');
  expect(status).toBe(4);
  const page = read('mistake.html');
  expect(page.querySelector('.verdict-sentence')!.textContent).toContain('unhandled-message');
  expect(page.querySelectorAll('.messages .refused')).toHaveLength(1);
});

test('a bound: unknown, status 2, and the page says why', async () => {
  const args = ['report', 'dining-philosophers', '--variant', 'left-handed', '--max-states', '10'];
  const { status, stdout } = await run([...args, '-o', '-', '--quiet']);
  expect(status).toBe(2);
  expect(pageOf(stdout).querySelector('.verdict-sentence')!.textContent).toContain('as many states');
});

test('a coverage file is taken instead of the traces', async () => {
  const [name] = Object.keys(
    boundedFifo.build(boundedFifo.parameters.parse({}) as Record<string, unknown>, 'drop').actors,
  );
  writeFileSync(at('coverage.json'), JSON.stringify({ machines: { [name!]: { states: [], transitions: [] } } }));
  const args = ['report', 'bounded-fifo', '--variant', 'drop', '-o', '-', '--quiet'];
  const { stdout } = await run([...args, '--coverage', at('coverage.json')]);
  expect(pageOf(stdout).querySelector('#machines')!.textContent).toContain('the given coverage');
  const all = await run(['report', 'bounded-fifo', '-o', '-', '--coverage', at('coverage.json')]);
  expect(all).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining('--variant') });
  writeFileSync(at('wrong.json'), '{}');
  const wrong = await run([...args, '--coverage', at('wrong.json')]);
  expect(wrong).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining('is no coverage file') });
  const stale = { machines: { [name!]: { states: ['nowhere'], transitions: [] } } };
  writeFileSync(at('stale.json'), JSON.stringify(stale));
  const old = await run([...args, '--coverage', at('stale.json')]);
  expect(old).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining('"nowhere"') });
});

test.each([
  [['report', 'bounded-fifo'], '-o report.html'],
  [['report', '-o', 'x.html'], 'bounded-fifo'],
  [['report', 'bounded-fifi', '-o', 'x.html'], 'did you mean "bounded-fifo"'],
  [['report', 'bounded-fifo', '--variant', 'nope', '-o', 'x.html'], 'has no variant "nope"'],
  [['report', 'bounded-fifo', '--set', 'numbers=x', '-o', 'x.html'], 'numbers'],
  [['report', '--all', 'bounded-fifo', '-o', 'x.html'], 'does not go with bounded-fifo'],
  [['report', 'bounded-fifo', '--max-states', '0', '-o', 'x.html'], '--max-states'],
  [['report', 'bounded-fifo', '-o', '/no/such/folder/x.html'], 'cannot write /no/such/folder/x.html'],
] as const)('%j is refused with one message, and nothing is written', async (args, message) => {
  const { status, stdout, stderr } = await run(args);
  expect(status).toBe(3);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^faultline: /);
  expect(existsSync('x.html')).toBe(false);
});

test('a folder is no file, and nothing is left behind', async () => {
  mkdirSync(at('taken'));
  const { status, stderr } = await run(['report', 'ping-pong', '-o', at('taken')]);
  expect(status).toBe(3);
  expect(stderr).toContain('it is a folder');
  expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
