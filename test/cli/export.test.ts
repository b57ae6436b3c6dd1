import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { missingTools, runRumur, runSpin } from '../crosscheck/tools.ts';
import { ENDLESS, WRONG } from '../export/odd-system.ts';
import { folderWith, run } from './harness.ts';

const { path: folder, remove } = folderWith({});
afterAll(remove);
const SMALL = ['dining-philosophers', '--variant', 'left-right', '--set', 'philosophers=3'];

const missing = missingTools();
if (missing.length > 0) {
  const message = `${missing.join(', ')} not installed: their traces are not imported`;
  if (process.env.FAULTLINE_REQUIRE_TOOLS === '1') throw new Error(message);
  console.warn(message);
}

describe('an export', () => {
  test.each([
    ['promela', /^\/\*\n \* Written by faultline 1\.2\.3: faultline export dining-philosophers --variant left-right/],
    ['murphi', /^-- Written by faultline 1\.2\.3: faultline export dining-philosophers --variant left-right/],
    ['tla', /^-+ MODULE dining_philosophers -+\n\\\* Written by faultline 1\.2\.3/],
  ])('goes to stdout: %s', async (language, head) => {
    const { status, stdout, stderr } = await run(['export', ...SMALL, '--to', language]);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(head);
    expect(stdout).toContain('philosopher0_thinking');
    expect(stdout).toContain('26 ');
  });

  test('goes to a file, which gives a TLA+ module its name', async () => {
    const file = join(folder, 'Dining3.tla');
    const { status, stdout } = await run(['export', ...SMALL, '--to', 'tla', '-o', file]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /Dining3\.tla: 6 actors, 0 monitors, 0 channels, \d+ rules, 26 states, 51 steps, depth 6\n$/,
    );
    expect(readFileSync(file, 'utf8')).toContain('MODULE Dining3 ');
  });

  test('is the same each time', async () => {
    const one = await run(['export', ...SMALL, '--to', 'promela']);
    expect(await run(['export', ...SMALL, '--to', 'promela'])).toEqual(one);
  });

  test('of the first steps only says so', async () => {
    const { status, stdout } = await run(['export', 'endless', '--to', 'murphi', '--depth', '3'], {
      catalogue: [ENDLESS],
    });
    expect(status).toBe(0);
    expect(stdout).toContain('Of the first 3 steps only');
  });

  test('of a space without end is refused: status 2, and what to do', async () => {
    const file = join(folder, 'endless.pml');
    const args = ['export', 'endless', '--to', 'promela', '--max-states', '500', '-o', file];
    const { status, stdout, stderr } = await run(args, { catalogue: [ENDLESS] });
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^faultline: there are more than 500 states: nothing is written\n {2}raise --max-states, /);
    expect(existsSync(file)).toBe(false);
  });

  test('of a wrong model gives status 4', async () => {
    const file = join(folder, 'mistake.pml');
    const { status, stdout, stderr } = await run(['export', 'wrong', '--to', 'promela', '-o', file], {
      catalogue: [WRONG],
    });
    expect(status).toBe(4);
    expect(stdout).toBe('');
    expect(stderr).toContain('unhandled-message');
    expect(existsSync(file)).toBe(false);
  });
});

test.each<[string[], RegExp]>([
  [['nothing', '--to', 'promela'], /there is no scenario "nothing"/],
  [['ping-pong', '--to', 'promela'], /has several variants/],
  [SMALL, /required option '--to <language>'/],
  [[...SMALL, '--to', 'promla'], /--to promla: there is no such language\n {2}did you mean "promela"\?/],
  [[...SMALL, '--to', 'constructor'], /there is no such language/],
  [[...SMALL, '--to', 'promela', '--max-states', '0'], /--max-states 0: .*at least 1/],
  [[...SMALL, '--to', 'promela', '--depth', 'x'], /--depth x/],
  [[...SMALL, '--to', 'promela', '-o', '/no/such/folder/x.pml'], /cannot write .*: there is no folder/],
  [[...SMALL, '--to', 'tla', '-o', '3-phil.tla'], /"3-phil" cannot be one\n {2}for example M3_phil\.tla/],
])('export %j is refused with status 3', async (args, message) => {
  const { status, stdout, stderr } = await run(['export', ...args]);
  expect(stderr).toMatch(message);
  expect(stdout).toBe('');
  expect(status).toBe(3);
});

describe.skipIf(missing.length > 0)('a trace comes back', () => {
  test('from SPIN', async () => {
    const { stdout: model } = await run(['export', ...SMALL, '--to', 'promela']);
    const { trace } = await runSpin(folder, model, { optimise: '-O0' });
    const file = join(folder, 'steps.txt');
    writeFileSync(file, trace!);
    const { status, stdout } = await run(['replay', ...SMALL, '--from-spin', file]);
    expect(stdout).toContain('3 steps replayed on live XState actors\nviolated: no deadlock\n');
    expect(status).toBe(1);
    // As pan itself tells it.
    writeFileSync(file, spawnSync(join(folder, 'pan'), ['-r'], { cwd: folder, encoding: 'utf8' }).stdout);
    expect((await run(['replay', ...SMALL, '--from-spin', file])).stdout).toBe(stdout);
    // The trail, beside its model and without it.
    const trail = join(folder, 'model.pml.trail');
    expect((await run(['replay', ...SMALL, '--from-spin', trail])).stdout).toBe(stdout);
    renameSync(trail, join(folder, 'alone.trail'));
    const raw = await run(['replay', ...SMALL, '--from-spin', join(folder, 'alone.trail')]);
    expect(raw.status).toBe(3);
    expect(raw.stderr).toContain('this is a raw trail');
  });

  test('from Rumur, and can be written as a trace file', async () => {
    const { stdout: model } = await run(['export', ...SMALL, '--to', 'murphi']);
    const { trace } = await runRumur(folder, model, { optimise: '-O0' });
    const file = join(folder, 'output.xml');
    writeFileSync(file, trace!);
    const stored = join(folder, 'trace.json');
    const { status } = await run(['replay', ...SMALL, '--from-rumur', file, '--format', 'json', '-o', stored]);
    expect(status).toBe(1);
    expect((await run(['replay', stored])).stdout).toContain('violated: no deadlock');
  });
});

describe('a trace that cannot come back', () => {
  const text = join(folder, 'other.txt');
  writeFileSync(text, 'faultline: philosopher0.RUN\n  faultline: fork0.RUN\nspin: trail ends after 2 steps\n');

  test.each<[string[], RegExp]>([
    [[...SMALL, '--from-spin', text], /step 2 of the trace, fork0\.RUN, is not possible: 3 steps are enabled there:/],
    [[...SMALL, '--from-rumur', text], /this is no output of Rumur\n/],
    [[...SMALL, '--from-spin', join(folder, 'gone.txt')], /cannot read .*gone\.txt/],
    [[...SMALL, '0/1', '--from-spin', text], /--from-spin takes the target that was exported, and nothing else/],
    [[...SMALL, '--from-spin', text, '--from-rumur', text], /do not go together/],
    [['ping-pong', '--from-spin', text], /has several variants/],
  ])('replay %j is refused with status 3', async (args, message) => {
    const { status, stdout, stderr } = await run(['replay', ...args]);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(3);
  });
});
