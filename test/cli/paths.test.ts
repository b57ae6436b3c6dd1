/** Every path that a command line gives is looked at before anything is searched, whatever may be wrong with it. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/cli/errors.ts';
import { parseModuleSpec } from '../../src/cli/loading/module-spec.ts';
import { readText } from '../../src/cli/read-file.ts';
import { checkWritable, prepareFolder, writeWhole } from '../../src/cli/write-file.ts';
import { folderWith, LIGHTS, run, spawned } from './harness.ts';

const { path: folder, remove } = folderWith({ file: 'x', 'trace.json': '' });
afterAll(remove);
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  mkdirSync(at('folder.svg'));
  symlinkSync(at('loop'), at('loop'));
  await run(['check', 'bounded-fifo', '--variant', 'unordered', '--trace-out', at('trace.json')]);
  const header = { faultline: 'log', version: 1, kind: 'steps', scenario: 'bounded-fifo', variant: 'fixed' };
  const step = { kind: 'choice', actor: 'producer', event: { type: 'PRODUCE' } };
  writeFileSync(at('log.jsonl'), `${JSON.stringify(header)}\n${JSON.stringify(step)}\n`);
});

const NO_PATHS: readonly (readonly [what: string, path: string, why: RegExp])[] = [
  ['nothing', '', /got an empty path/],
  ['a folder', at('folder.svg'), /folder/],
  ['below a file', at('file/x.svg'), /not a folder|no such file/],
  ['a circle of links', at('loop'), /its symbolic links go round in a circle \(ELOOP\)/],
  ['below a circle of links', at('loop/x.svg'), /its symbolic links go round in a circle \(ELOOP\)/],
  ['a name that is too long', at(`${'x'.repeat(300)}.svg`), /the name is too long \(ENAMETOOLONG\)/],
  ['below what is not there', at('no/x.svg'), /there is no (folder|such file)/],
  ['where nothing can be made', '/proc/x.svg', /no such file|there is no/],
];

describe('a file that cannot be written is refused before the search', () => {
  const fifo = ['bounded-fifo', '--variant', 'unordered'];
  const outputs: readonly (readonly [string, string[]])[] = [
    ['check --trace-out', ['check', ...fifo, '--trace-out']],
    ['check --chart --chart-out', ['check', ...fifo, '--chart', 'svg', '--chart-out']],
    ['check --junit', ['check', ...fifo, '--junit']],
    ['check --sarif', ['check', ...fifo, '--sarif']],
    ['check --coverage-out', ['check', ...fifo, '--coverage-out']],
    ['replay -o', ['replay', ...fifo, '0/0/2', '-o']],
    ['validate --trace-out', ['validate', at('log.jsonl'), '--trace-out']],
    ['graph -o', ['graph', ...fifo, '-o']],
    ['export -o', ['export', ...fifo, '--to', 'promela', '-o']],
    ['diagram -o', ['diagram', 'bounded-fifo', '--format', 'svg', '-o']],
    ['report -o', ['report', ...fifo, '-o']],
  ];
  test.each(
    outputs.flatMap(([option, args]) =>
      NO_PATHS.map(([what, path, why]) => [option, what, [...args, path], why] as const),
    ),
  )('%s, %s', async (_option, _what, args, why) => {
    const { status, stdout, stderr } = await run(args);
    expect([status, stdout]).toEqual([3, '']);
    if (!args.includes('report')) expect(stderr).toMatch(why);
    expect(stderr).toMatch(/^faultline: [^\n]*\n( {2}[^\n]*\n)*$/);
  });

  test.each(NO_PATHS.filter(([what]) => what !== 'a folder'))('a folder, %s', (_what, path) => {
    expect(() => prepareFolder('--plots', path)).toThrow(UsageError);
  });
});

describe('a directory of checkpoints that cannot be one is refused', () => {
  const paths = NO_PATHS.filter(([what]) => what !== 'a folder' && what !== 'below what is not there');
  const others = [
    ['a device', '/dev/null', /not a folder|there is no such file|already exists|EEXIST/],
    ['a file', at('file'), /not a folder|EEXIST|already exists/],
    [
      'what nobody can make, and Node tries for ever',
      '/proc/no-such-thing',
      /there is no (search.checkpoint|such file)/,
    ],
    ['a path that is too long', 'y/'.repeat(3000), /the name is too long \(ENAMETOOLONG\)/],
  ] as const;
  test.each(
    [...paths, ...others].flatMap(([what, path, why]) =>
      ['--checkpoint', '--resume'].map((option) => [option, what, path, why] as const),
    ),
  )('%s, %s', async (option, _what, path, why) => {
    const { status, stdout, stderr } = await run(['check', 'bounded-fifo', '--variant', 'fixed', option, path]);
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(/^faultline: --(checkpoint|resume) [^\n]*\n( {2}[^\n]*\n)*$/);
    expect([status, stdout]).toEqual([3, '']);
  });
});

describe('a file that cannot be read is refused', () => {
  const inputs: readonly (readonly [string, (path: string) => string[]])[] = [
    ['replay', (path) => ['replay', path === '' ? './' : path]],
    ['validate', (path) => ['validate', path]],
    ['replay --from-spin', (path) => ['replay', 'bounded-fifo', '--variant', 'fixed', '--from-spin', path]],
    ['diagram --coverage', (path) => ['diagram', 'bounded-fifo#producer', '--coverage', path]],
    ['report --coverage', (path) => ['report', 'bounded-fifo', '--variant', 'fixed', '-o', '-', '--coverage', path]],
    ['graph --around', (path) => ['graph', 'bounded-fifo', '--variant', 'fixed', '--around', path || './']],
    ['check', (path) => ['check', path]],
    ['diagram', (path) => ['diagram', path]],
  ];
  test.each(inputs.flatMap(([what, args]) => NO_PATHS.map(([kind, path]) => [what, kind, args(path)] as const)))(
    '%s, %s',
    async (_what, _kind, args) => {
      const { status, stdout, stderr } = await run(args);
      expect([status, stdout]).toEqual([3, '']);
      expect(stderr).toMatch(/^faultline: [^\n]*\n( {2}[^\n]*\n)*$/);
    },
  );

  test('what has no end', () => {
    expect(() => readText('the log', '/dev/zero')).toThrow(/cannot read the log \/dev\/zero: it has more than/);
  });
});

describe('a file that is written', () => {
  test('keeps its mode', () => {
    writeFileSync(at('mode'), 'old');
    chmodSync(at('mode'), 0o640);
    writeWhole(at('mode'), 'new');
    expect(readFileSync(at('mode'), 'utf8')).toBe('new');
    expect(statSync(at('mode')).mode & 0o777).toBe(0o640);
  });

  test('is the one that a symbolic link leads to, also if that is not there yet', () => {
    for (const [link, target] of [
      ['link', at('file')],
      ['dangling', 'not-yet'],
    ] as const) {
      symlinkSync(target, at(link));
      checkWritable(at(link));
      writeWhole(at(link), link);
      expect(lstatSync(at(link)).isSymbolicLink()).toBe(true);
    }
    expect(readFileSync(at('file'), 'utf8')).toBe('link');
    expect(readFileSync(at('not-yet'), 'utf8')).toBe('dangling');
  });

  test('may have the longest name that there can be', () => {
    writeWhole(at('n'.repeat(255)), 'x');
    expect(readFileSync(at('n'.repeat(255)), 'utf8')).toBe('x');
  });

  test('may be a device, which stays one', () => {
    writeWhole('/dev/null', 'x');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(() => writeWhole('/dev/full', 'x')).toThrow('cannot write /dev/full: no space is left (ENOSPC)');
  });

  test('has no control characters', () => {
    writeWhole(at('text'), 'a\u001b[31mb\n');
    expect(readFileSync(at('text'), 'utf8')).toBe('a\\u001b[31mb\n');
  });

  test('leaves nothing else behind', () => {
    mkdirSync(at('alone'));
    writeWhole(at('alone/x'), 'x');
    writeWhole(at('alone/x'), 'y');
    expect(readdirSync(at('alone'))).toEqual(['x']);
  });
});

describe('a path may hold any character', () => {
  beforeAll(() => {
    mkdirSync(at('a#b'));
    for (const name of ['sys#tem.ts', '100% sure, ü.ts', 'plain.ts']) writeFileSync(at(`a#b/${name}`), LIGHTS);
  });

  test.each<[string, string, string | undefined]>([
    ['a#b/plain.ts', 'a#b/plain.ts', undefined],
    ['a#b/plain.ts#lights', 'a#b/plain.ts', 'lights'],
    ['a#b/sys#tem.ts', 'a#b/sys#tem.ts', undefined],
    ['a#b/sys#tem.ts#lights', 'a#b/sys#tem.ts', 'lights'],
    ['a#b/100% sure, ü.ts', 'a#b/100% sure, ü.ts', undefined],
    ['gone.ts#lights', 'gone.ts', 'lights'],
    ['a#c/gone.ts', 'a#c/gone.ts', undefined],
  ])('%s', (spec, path, name) => {
    expect(parseModuleSpec(at(spec))).toEqual({ path: at(path), name });
  });

  test('but a question mark in a module, which the loader cannot take', async () => {
    writeFileSync(at('why?.ts'), LIGHTS);
    const { status, stderr } = await run(['check', at('why?.ts')]);
    expect(stderr).toMatch(/cannot load the module .*why\?\.ts: a path with a question mark .*\n {2}rename it/);
    expect(status).toBe(3);
  });

  test('a name of the catalogue and of an actor is none', () => {
    expect(parseModuleSpec('pri-overflow#priq')).toBeUndefined();
    expect(parseModuleSpec('pri-overflow#no group, and/or none')).toBeUndefined();
  });

  test('a module is loaded from there, and the line that replays it names it', async () => {
    const { status, stdout, stderr } = await spawned(
      ['check', './a#b/sys#tem.ts#lights', './a#b/100% sure, ü.ts'],
      folder,
    );
    expect(stderr).not.toContain('faultline:');
    expect(status).toBe(1);
    expect(stdout).toContain("replay it: npx faultline replay './a#b/sys#tem.ts#lights' 0/1\n");
    expect(stdout).toContain("replay it: npx faultline replay './a#b/100% sure, ü.ts' 0/1\n");
    expect(existsSync(at('a#b'))).toBe(true);
  });
});
