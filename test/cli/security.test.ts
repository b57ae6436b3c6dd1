/** What others wrote, models, traces and logs, cannot run unasked, and cannot act on a terminal. */
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TraceFile } from '../../src/cli/documents.ts';
import { isOf } from '../../src/cli/file-target.ts';
import { shown, signedColours } from '../../src/cli/terminal.ts';
import { visible, visibleLine } from '../../src/system/visible.ts';
import { folderWith, LIGHTS, type Ran, run, spawned } from './harness.ts';
import { ACTOR, CONTROLS, hostile, VARIANT } from './hostile.ts';
import { CATALOGUE } from './in-process.ts';

const EVIL = `
import { writeFileSync } from 'node:fs';
writeFileSync(new URL('./imported', import.meta.url), '');
export const a = 1;
`;
const { path: folder, remove } = folderWith({ 'evil.mjs': EVIL, 'lights.ts': LIGHTS });
afterAll(remove);
const at = (name: string) => join(folder, name);

describe('a file of data loads no code', () => {
  const header = { faultline: 'log', version: 1, kind: 'steps', variant: null, parameters: {} };
  const go = { kind: 'choice', actor: 'north', event: { type: 'GO' } };

  beforeAll(async () => {
    await run(['check', 'bounded-fifo', '--variant', 'unordered', '--trace-out', at('fifo.json')]);
    const trace = JSON.parse(readFileSync(at('fifo.json'), 'utf8')) as TraceFile;
    for (const module of ['evil.mjs', 'lights.ts']) {
      writeFileSync(
        at(`${module}.json`),
        JSON.stringify({ ...trace, target: at(module), variant: null, parameters: {} }),
      );
      writeFileSync(
        at(`${module}.jsonl`),
        `${[{ ...header, scenario: at(module) }, go].map((line) => JSON.stringify(line)).join('\n')}\n`,
      );
    }
  });

  test.each([
    ['replay', 'evil.mjs.json'],
    ['validate', 'evil.mjs.jsonl'],
  ])('%s says which module, and how to allow it', async (command, file) => {
    const { status, stdout, stderr } = await run([command, at(file)]);
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toContain(`of the module ${at('evil.mjs')}, and a file alone loads no code`);
    expect(stderr).toContain(
      `\n  if you trust it: faultline ${command} ${at('evil.mjs')} ${at(file)}, or add --trust\n`,
    );
    expect(existsSync(at('imported'))).toBe(false);
  });

  test('nor does a line end in a name make a line of its own', async () => {
    writeFileSync(at('lines.jsonl'), `${JSON.stringify({ ...header, scenario: './x.mjs\nfaultline: holds' })}\n`);
    const { status, stderr } = await run(['validate', at('lines.jsonl')]);
    expect(status).toBe(3);
    expect(stderr).not.toMatch(/^faultline: holds/m);
  });

  test('unless the command line names the module, by whatever way it is reached', async () => {
    const named = await spawned(['validate', './lights.ts', 'lights.ts.jsonl'], folder);
    expect(named).toMatchObject({ status: 0, stderr: '' });
    const other = await run(['replay', 'ping-pong', at('evil.mjs.json')]);
    expect(other.stderr).toContain(`is a trace of ${at('evil.mjs')}, not of ping-pong`);
  });

  test('two exports of one module are two things, and one module is one by whatever path', () => {
    symlinkSync(at('lights.ts'), at('link.ts'));
    expect(isOf(`${at('lights.ts')}#a`, `${at('link.ts')}#b`)).toBe(false);
    expect(isOf(`${at('lights.ts')}#a`, `${at('link.ts')}#a`)).toBe(true);
    expect(isOf('./moved.ts#a', `${at('lights.ts')}#b`)).toBe(true);
    expect(isOf('ping-pong', 'bounded-fifo')).toBe(false);
  });

  test('unless it is trusted', async () => {
    const { status } = await spawned(['replay', '--trust', 'evil.mjs.json'], folder);
    expect(status).toBe(3);
    expect(existsSync(at('imported'))).toBe(true);
  });
});

describe('control characters', () => {
  const start = '\u001b';
  const ours = new RegExp(`${start}\\[(?:1|2|3[1-6]|39|22|90)m`, 'g');
  const control = /[^\P{Cc}\n\t]|[\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/u;
  const catalogue = [...CATALOGUE, hostile];
  const on = (command: string, ...options: string[]) => [command, 'hostile', '--variant', VARIANT, ...options];
  const picture = (format: string, ...options: string[]) => on('diagram', '--format', format, ...options);

  function expectHarmless(ran: Ran): void {
    for (const text of [ran.stdout, ran.stderr]) {
      expect(control.exec(text)).toBeNull();
      expect(text).not.toContain('this is a bug');
    }
  }

  test('a line end in a name does not end a line of progress', async () => {
    writeFileSync(at('ended.ts'), LIGHTS.replace('never both green', 'never\\nboth green'));
    const { stderr } = await spawned(['check', './ended.ts'], folder);
    expect(stderr).toContain('violated "never\\nboth green"');
  });

  test.each<[string, string[]]>([
    ['list', ['list']],
    ['list as JSON', ['list', '--json']],
    ['check', on('check', '--coverage')],
    ['check of several', ['check', 'hostile', 'ping-pong']],
    ['check as JSON', on('check', '--json')],
    ['check, bounded', on('check', '--max-states', '1')],
    ['check, logged', on('check', '--log-level', 'debug')],
    ['check, a question', on('check', '--why-not', 'a GO')],
    ['check, no such step', on('check', '--why-not', `${CONTROLS} GO`)],
    ['check, a chart', on('check', '--chart', 'text')],
    ['check, a chart as Mermaid', on('check', '--chart', 'mermaid')],
    ['check, a chart as SVG', on('check', '--chart', 'svg')],
    ...['chart', 'svg', 'mermaid', 'json', 'itf'].map((format): [string, string[]] => [
      `replay, ${format}`,
      on('replay', '0/0', '--format', format),
    ]),
    ...['text', 'mermaid', 'dot', 'svg', 'plantuml', 'json'].map((format): [string, string[]] => [
      `diagram of a system, ${format}`,
      picture(format),
    ]),
    ...['text', 'mermaid', 'dot', 'svg', 'plantuml', 'json', 'scxml'].map((format): [string, string[]] => [
      `diagram of an actor, ${format}`,
      picture(format, '--actor', ACTOR),
    ]),
    ...['dot', 'graphml', 'aut', 'json'].map((format): [string, string[]] => [
      `graph, ${format}`,
      on('graph', '--format', format),
    ]),
    ...['promela', 'murphi', 'tla'].map((language): [string, string[]] => [
      `export, ${language}`,
      on('export', '--to', language),
    ]),
    ['report', on('report', '-o', '-')],
    ['stress', on('stress', '--steps', '10')],
    ['an unknown scenario', ['check', `pri ${CONTROLS}`]],
    ['an unknown variant', ['check', 'hostile', '--variant', CONTROLS]],
    ['an unknown parameter', on('check', '--set', `${CONTROLS}=1`)],
    ['an unknown option', on('check', `--${CONTROLS}`)],
    ['an unknown command', [CONTROLS]],
    ['a file that is not there', ['replay', `./${CONTROLS}.json`]],
  ])('are shown, not sent: %s', async (_what, args) => {
    const ran = await run(args, { catalogue });
    expectHarmless(ran);
    expect(ran.stdout + ran.stderr).not.toBe('');
  });

  test('are shown where people look for them', async () => {
    const { stdout } = await run(on('check'), { catalogue });
    expect(stdout).toContain('\\u001b]0;owned\\u0007\\u001b[8m\\u001b[31m');
    expect(stdout).toContain('\\u202egnp');
  });

  test('are not sent to a terminal, to which our own colours are', async () => {
    for (const args of [
      ['list'],
      on('check'),
      picture('text'),
      picture('text', '--actor', ACTOR),
      on('replay', '0/0'),
    ]) {
      const { stdout, stderr } = await run(args, { catalogue, tty: true });
      expect(stdout).toMatch(ours);
      expect(stdout).not.toContain('\u001b[8m');
      expect(control.exec((stdout + stderr).replaceAll(ours, '').replaceAll('\r\u001b[2K', ''))).toBeNull();
    }
  });

  test('are not written to files', async () => {
    const names = ['t.json', 'c.txt', 'c.mmd', 'c.svg', 'j.xml', 's.sarif', 'v.json'];
    const [trace, ...charts] = names.map(at) as [string, ...string[]];
    await run(
      on(
        'check',
        '--trace-out',
        trace,
        '--chart-out',
        charts[0]!,
        '--junit',
        at('j.xml'),
        '--sarif',
        at('s.sarif'),
        '--coverage-out',
        at('v.json'),
        '--quiet',
      ),
      { catalogue },
    );
    await run(on('check', '--chart-out', charts[1]!), { catalogue });
    await run(on('check', '--chart-out', charts[2]!), { catalogue });
    for (const name of names) expect([name, control.exec(readFileSync(at(name), 'utf8'))]).toEqual([name, null]);
    const parsed = new JSDOM(readFileSync(at('j.xml'), 'utf8'), { contentType: 'application/xml' }).window.document;
    expect(parsed.querySelector('failure')?.textContent).toContain('\\u001b]0;owned');
    const replayed = await run(['replay', trace], { catalogue });
    expect(replayed.status).toBe(1);
    expect(replayed.stdout).not.toContain('the model has changed');
  });

  test('no script of a model runs in a report', async () => {
    const { stdout } = await run(on('report', '-o', '-'), { catalogue });
    const { window } = new JSDOM(stdout, { runScripts: 'dangerously' });
    expect((window as unknown as { hacked?: number }).hacked).toBeUndefined();
    expect(window.document.querySelectorAll('img[src="x"]')).toHaveLength(0);
  });
});

describe('text for a terminal', () => {
  test('shows every control character but line ends and tabs', () => {
    expect(visible('a\n\tb\u0000\u001b\u007f\u009b\u202e\u2069\u2028\ud800\u{1f600}é')).toBe(
      'a\n\tb\\u0000\\u001b\\u007f\\u009b\\u202e\\u2069\\u2028\\ud800\u{1f600}é',
    );
    expect(visibleLine('a\n\tb\r')).toBe('a\\n\\tb\\r');
  });

  test('has our colours, nested ones too, and nobody else’s', () => {
    const { bold, red, green } = signedColours(true);
    expect(shown(red(`a${bold('b')}${green('c')}d`))).toBe(
      '\u001b[31ma\u001b[1mb\u001b[22m\u001b[32mc\u001b[31md\u001b[39m',
    );
    expect(shown(red('a\u001b[32mb'))).toBe('\u001b[31ma\\u001b[32mb\u001b[39m');
    expect(shown('\u001b[31;1ma\u001b[31m')).toBe('\\u001b[31;1ma\\u001b[31m');
    expect(signedColours(false).red('a')).toBe('a');
  });
});

test('nothing is left of files that were written', () => {
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
