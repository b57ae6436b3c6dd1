import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { missingTools, runRumur, runSpin } from '../crosscheck/tools.ts';
import { BEHIND, ENDLESS, GATE, PROGRESS, WRONG } from '../export/odd-system.ts';
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

  test('ends at a violation, behind which there may be no end', async () => {
    const args = ['export', 'behind', '--to', 'murphi'];
    const { status, stdout } = await run(args, { catalogue: [BEHIND] });
    expect(status).toBe(0);
    expect(stdout).toContain('-- 4 states, 3 steps');
    expect(stdout).toContain('-- Nothing behind a violation is part of it (property 1).');
    const behind = await run([...args, '--behind', '--max-states', '500'], { catalogue: [BEHIND] });
    expect(behind.status).toBe(2);
    expect(behind.stderr).toContain('there are more than 500 states');
    const first = await run([...args, '--behind', '--depth', '5'], { catalogue: [BEHIND] });
    expect(first.stdout).toContain('export behind --variant only --depth 5 --behind --to murphi');
    expect(first.stdout).toContain('Of the first 5 steps only: 7 states');
  });

  test('names what its language cannot say, on stderr and in the file', async () => {
    for (const [language, ...names] of [
      ['promela'],
      ['murphi', 'eventually "it is on"', 'happens "switched"', 'that "not for long" is not owed for ever'],
      ['tla', 'eventually "it is on"', 'happens "switched"', 'that "not for long" is not owed for ever'],
    ] as const) {
      const { status, stdout, stderr } = await run(['export', 'progress', '--to', language], { catalogue: [PROGRESS] });
      expect(status).toBe(0);
      expect(stderr.split('\n').length - 1).toBe(names.length === 0 ? 0 : 5);
      for (const name of names) {
        expect(stderr).toContain(` model: ${name}`);
        expect(stdout).toContain(`Left out: ${name.replaceAll('"', "'")}`);
      }
    }
    // Of the first steps alone nothing can be said about runs.
    const first = await run(['export', 'gate', '--to', 'promela', '--depth', '1'], { catalogue: [GATE] });
    expect(first.stderr).toContain('left out of the Promela model: eventually "somebody passes"');
    expect(first.stdout).not.toContain('ltl ');
  });

  test('shows on a terminal how far it has come, and leaves nothing of that; Ctrl-C ends it', async () => {
    const args = ['export', 'endless', '--to', 'promela', '--max-states', '2000'];
    const { stderr } = await run(args, { catalogue: [ENDLESS], tty: true });
    const [shown, rest] = stderr.split('\r\u001b[2Kfaultline: ');
    expect(shown).toMatch(/endless --variant only: \S+ states {2}\S+ steps {2}frontier \S+ {2}depth \d+/);
    expect(rest).toMatch(/^there are more than 2,000 states/);
    const interrupted = await run(args, { catalogue: [ENDLESS], signal: AbortSignal.abort() });
    expect(interrupted.status).toBe(2);
    expect(interrupted.stderr).toMatch(/^faultline: interrupted after \d+ states: nothing is written/);
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

describe.skipIf(missing.length > 0)('the edge of a model', () => {
  test.each([
    ['promela', '--from-spin'],
    ['murphi', '--from-rumur'],
  ])('is told from a violation: %s', async (language, option) => {
    const tool = language === 'promela' ? runSpin : runRumur;
    for (const [steps, expected] of [
      [1, 2],
      [3, 1],
    ] as const) {
      const args = ['export', 'behind', '--to', language, '--depth', String(steps)];
      const { stdout: model } = await run(args, { catalogue: [BEHIND] });
      const { trace } = await tool(folder, model, { optimise: '-O0' });
      const file = join(folder, `edge-${steps}.txt`);
      writeFileSync(file, trace!);
      const { status, stdout, stderr } = await run(['replay', 'behind', option, file], { catalogue: [BEHIND] });
      expect(status).toBe(expected);
      expect(stdout).toContain(`${steps === 1 ? 2 : 3} steps replayed`);
      if (expected === 2) expect(stderr).toContain('came to the edge of what was exported');
      else expect(stdout).toContain('violated: short');
    }
  });
});

describe('a trace that cannot come back', () => {
  const empty = join(folder, 'empty.txt');
  writeFileSync(empty, '');
  const text = join(folder, 'other.txt');
  writeFileSync(text, 'faultline: philosopher0.RUN\n  faultline: fork0.RUN\nspin: trail ends after 2 steps\n');

  test.each<[string[], RegExp]>([
    [[...SMALL, '--from-spin', text], /step 2 of the trace, fork0\.RUN, is not possible: 3 steps are enabled there:/],
    [[...SMALL, '--from-rumur', text], /this is no output of Rumur: it looks like something else\n/],
    [
      [...SMALL, '--from-spin', empty],
      /this is no output of SPIN: the file is empty\n {2}expected what is written by: /,
    ],
    [[...SMALL, '--from-rumur', empty], /this is no output of Rumur: the file is empty\n/],
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
