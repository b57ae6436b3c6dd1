/** `check --coverage`: what it prints, and the file that diagrams and reports read. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkDocumentSchema } from '../../src/cli/documents.ts';
import { coverageSchema } from '../../src/diagram/marks.ts';
import { folderWith, run } from './harness.ts';

const folder = folderWith({});
const at = (name: string) => join(folder.path, name);
afterAll(() => folder.remove());

describe('text', () => {
  test('has a table of machines, what is unreachable, and the status of the check', async () => {
    const { status, stdout } = await run(['check', 'bounded-fifo', '--variant', 'fixed', '--coverage']);
    expect(status).toBe(0);
    expect(stdout).toContain('holds: the whole space was searched, 144 states');
    expect(stdout).toContain('coverage of 2 machines in 1 system');
    expect(stdout).toMatch(/^machine +states +transitions +guard outcomes +messages$/m);
    expect(stdout).toMatch(/^consumer +1 of 2 +1 of 3 +1 of 2 +1 of 1$/m);
    expect(stdout).toMatch(/^all together +2 of 3 +2 of 4 +1 of 2 +2 of 2$/m);
    const [, unreachable] = stdout.split('Unreachable, as all searches with the machine came to their end:\n');
    expect(unreachable!.split('\n').slice(0, 4)).toEqual([
      '  consumer: state confused',
      '  consumer: transition consuming ITEM/1',
      '  consumer: transition confused ITEM',
      '  consumer: guard isNext of consuming ITEM is never false',
    ]);
    expect(stdout).not.toContain('Not reached');
  });

  test('says that a violation stopped a search, and whose premise never occurred', async () => {
    const { status, stdout } = await run(['check', 'bounded-fifo', '--coverage']);
    expect(status).toBe(0);
    expect(stdout).toContain('coverage of 2 machines in 3 systems');
    expect(stdout).toContain('Not reached, but 2 of 3 searches stopped before they had seen all states');
    expect(stdout).toContain('  consumer: transition confused ITEM');
    expect(stdout).not.toContain('Unreachable');
    expect(stdout).toContain('Properties whose premise never occurred:');
    expect(stdout).toContain('bounded-fifo drop: happens "the last number arrives"');
  });

  test('is not there without the option', async () => {
    const { stdout } = await run(['check', 'bounded-fifo']);
    expect(stdout).not.toContain('coverage');
  });
});

describe('JSON', () => {
  test('has the coverage of each system, and of all together', async () => {
    const { stdout } = await run(['check', 'bounded-fifo', '--coverage', '--json']);
    const { results, coverage } = checkDocumentSchema.parse(JSON.parse(stdout));
    const [fixed, drop] = results;
    expect(fixed!.coverage).toMatchObject({ complete: true });
    expect(fixed!.coverage!.machines.consumer!.unreached!.proven).toBe(true);
    expect(fixed!.coverage!.machines.consumer!.actors).toEqual({
      consumer: { states: ['consuming'], transitions: ['consuming ITEM'] },
    });
    expect(drop!.coverage).toMatchObject({ complete: false });
    expect(drop!.coverage!.premises).toContainEqual({
      property: 'the last number arrives',
      kind: 'happens',
      reached: false,
    });
    expect(coverage!.machines.consumer!.states).toEqual(['consuming', 'confused']);
    expect(coverage!.machines.consumer!.unreached).toMatchObject({ proven: false, transitions: ['confused ITEM'] });
  });

  test('has none unless it is asked for', async () => {
    const { results, coverage } = JSON.parse((await run(['check', 'bounded-fifo', '--json'])).stdout);
    expect(results[0].coverage).toBeNull();
    expect(coverage).toBeUndefined();
  });
});

describe('the file', () => {
  test('is what diagrams and reports read', async () => {
    const file = at('fifo.json');
    const checked = await run(['check', 'bounded-fifo', '--variant', 'fixed', '--coverage-out', file]);
    expect(checked.stdout).not.toContain('coverage of');
    coverageSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const { status, stdout } = await run(['diagram', 'bounded-fifo#consumer', '--coverage', file]);
    expect(status).toBe(0);
    expect(stdout).toContain('✔ consuming');
    expect(stdout).toContain('⊘ confused');
    expect(stdout).toContain('✔ ITEM [isNext, never false]');
    const page = at('fifo.html');
    const report = await run(['report', 'bounded-fifo', '--variant', 'fixed', '--coverage', file, '-o', page]);
    expect(report.status).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('Green is what the given coverage names.');
  });

  test('is written also with --json, and replaces an older one', async () => {
    const file = at('both.json');
    writeFileSync(file, 'old');
    const { stdout } = await run(['check', 'bounded-fifo', '--coverage-out', file, '--json']);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(stdout).coverage);
  });

  test.each([
    [['--coverage-out', at('nowhere/x.json')], `cannot write ${at('nowhere/x.json')}: there is no folder`],
    [['--coverage-out', at('x'), '--junit', at('x')], '--junit and --coverage-out both want'],
  ])('%j is a usage error before anything is searched', async (args, message) => {
    const { status, stdout, stderr } = await run(['check', 'bounded-fifo', ...args]);
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toContain(message);
  });
});
