/** Commands on a system of thousands of actors: each ends with the right status. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { house } from '../many-lights.ts';
import { folderWith, run as runAny } from './harness.ts';

const LIGHTS = 3000;
const set = ['--set', `lights=${LIGHTS}`];

let folder: ReturnType<typeof folderWith>;
const at = (name: string) => join(folder.path, name);
const run = (args: readonly string[]) => runAny(args, { catalogue: [house] });

beforeAll(() => {
  folder = folderWith({});
});
afterAll(() => folder.remove());

describe(`a system of ${LIGHTS} actors`, () => {
  test('is replayed from a schedule and from a trace file', async () => {
    const args = ['house', '--variant', 'faulty', ...set];
    const checked = await run(['check', ...args, '--max-states', '3001', '--trace-out', at('trace.json')]);
    expect(checked).toMatchObject({ status: 1, stdout: expect.stringContaining('d1 stays off') });
    expect(await run(['replay', ...args, `${LIGHTS - 1}/1`])).toMatchObject({ status: 1 });
    expect(await run(['replay', ...args, `${LIGHTS}`])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(`${LIGHTS} steps are enabled there`),
    });
    expect(await run(['replay', at('trace.json')])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('violated: d1 stays off'),
    });
  });

  test('is reported on, with its actors drawn as one', async () => {
    const args = ['house', '--variant', 'faulty', ...set, '--quiet', '--max-states', '3001'];
    const { status, stdout } = await run(['report', ...args, '-o', at('page.html')]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining('1 trace') });
    expect(readFileSync(at('page.html'), 'utf8')).toContain(`${LIGHTS} actors are drawn as 1`);
  });

  test('has logs that are behaviours of it, or are not', async () => {
    const header = {
      faultline: 'log',
      version: 1,
      kind: 'steps',
      scenario: 'house',
      variant: 'fixed',
      parameters: { lights: LIGHTS },
    };
    const log = (actors: readonly string[]) => {
      const steps = actors.map((actor, at) => ({ seq: at + 1, kind: 'choice', actor, event: { type: 'GO' } }));
      const lines = [header, ...steps];
      writeFileSync(at('log.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      return run(['validate', at('log.jsonl')]);
    };
    expect(await log(['d0', 'd2999', 'd7'])).toMatchObject({ status: 0 });
    expect(await log(['d0', 'd2999', 'd0'])).toMatchObject({ status: 1, stdout: expect.stringContaining('line 4') });
  });

  test('has what a stress run finds in it shortened and confirmed', async () => {
    const args = [
      'house',
      '--variant',
      'faulty',
      ...set,
      '--threads',
      '1',
      '--devices',
      '1',
      '--steps',
      '9000',
      '--quiet',
    ];
    const { status, stdout } = await run(['stress', ...args]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining('violated: d1 stays off') });
  });

  test('is refused as symmetric before its renamings are counted', async () => {
    expect(await run(['check', 'house', '--variant', 'fixed', ...set, '--set', 'alike=true'])).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('has more than 40320 renamings'),
    });
  });
});
