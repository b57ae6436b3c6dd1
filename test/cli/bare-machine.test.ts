/** Machines of modules, as they stand, on the command line. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkDocumentSchema } from '../../src/cli/documents.ts';
import { entry, folderWith, LIGHTS, ModuleProcess } from './harness.ts';

const { path: folder, remove } = folderWith({
  'form.ts': `
import { createMachine } from 'xstate';
export const form = createMachine({
  id: 'form', initial: 'edit', context: { n: 0 },
  states: { edit: { on: { SUBMIT: { guard: 'isValid', target: 'thanks' } } }, thanks: {} },
});
`,
  'set.ts': `
import { assign, createMachine } from 'xstate';
export default createMachine({
  context: ({ input }: any) => ({ u: input?.u ?? '' }),
  on: { SET: { actions: assign({ u: ({ event }: any) => event.user.name }) } },
} as any);
`,
  'door.ts': `
import { createMachine } from 'xstate';
export function createDoor(start = 'shut') {
  return createMachine({ id: 'door', initial: start, states: { shut: { on: { PUSH: 'open' } }, open: { on: { PULL: 'shut' } } } });
}
`,
  'counter.ts': `
import { assign, createMachine } from 'xstate';
export const counter = createMachine({
  id: 'counter', initial: 'on', context: { n: 0 },
  states: { on: { on: { ADD: { actions: assign({ n: ({ context, event }: any) => context.n + (event.by ?? 1) }) } } } },
} as any);
`,
  'lamp.json':
    '{ "id": "lamp", "initial": "off", "states": { "off": { "on": { "PRESS": "on" } }, "on": { "on": { "PRESS": "off" } } } }',
  'config.ts': `export const lampConfig = { id: 'lamp', initial: 'off', states: { off: { on: { PRESS: 'on' } }, on: { on: { PRESS: 'off' } } } };`,
  'list.ts': `
import { createMachine } from 'xstate';
export const machines = ['one', 'two'].map((id) => createMachine({ id, initial: 'a', states: { a: { on: { GO: 'b' } }, b: { type: 'final' }, c: {} } }));
`,
  'events.json': '[{ "type": "ADD", "by": 1 }, { "type": "ADD", "by": 2 }]',
  'events.jsonl': '{ "type": "ADD", "by": 1 }\n\n{ "type": "ADD", "by": 2 }\n',
  'lights.ts': LIGHTS,
});
afterAll(remove);
const together = new ModuleProcess();
afterAll(() => together.end());
const run = (...args: string[]) => together.run(args, folder);

const documentOf = async (...args: string[]) => {
  const { stdout, status } = await run('check', ...args, '--json');
  const [result] = checkDocumentSchema.parse(JSON.parse(stdout)).results;
  return { ...result!, status };
};

describe('check of a machine', () => {
  test('finds a dead end, shows the way there, and says what was assumed', async () => {
    const { status, stdout } = await run('check', './form.ts');
    expect(stdout).toContain('form.SUBMIT [isValid]');
    expect(stdout).toContain('violated: no dead ends');
    expect(stdout).toContain('replay it: npx faultline replay ./form.ts 0\n');
    expect(stdout).toContain('thanks of form is not final');
    expect(stdout).toContain('isValid: nobody has implemented it, so it goes both ways');
    expect(status).toBe(1);
  });

  test('tells the same as JSON', async () => {
    const { status, verdict, property, machine } = await documentOf('./form.ts');
    expect({ status, verdict, property }).toEqual({ status: 1, verdict: 'violated', property: 'no dead ends' });
    expect(machine).toMatchObject({ name: 'form', events: [], findings: [{ kind: 'dead-end', schedule: '0' }] });
    expect(machine!.system).toContain('openMachine(form)');
  });

  test('names the payload that is missing, and takes it', async () => {
    const { status, stderr } = await run('check', './set.ts');
    expect(status).toBe(4);
    expect(stderr).toContain(`--event '{"type":"SET","user":…}'`);
    const given = await documentOf(
      './set.ts',
      '--event',
      '{"type":"SET","user":{"name":"Ada"}}',
      '--input',
      '{"u":"Bo"}',
    );
    expect(given).toMatchObject({
      status: 0,
      verdict: 'holds',
      states: 2,
      machine: { name: 'set', input: { u: 'Bo' } },
    });
  });

  test.each([['events.json'], ['events.jsonl']])('takes events from %s, and stops at a constraint', async (file) => {
    const result = await documentOf('./counter.ts', '--events', file, '--constraint', 'context.n < 4');
    expect(result).toMatchObject({ verdict: 'holds', states: 6, constrained: [{ actor: 'counter', states: 2 }] });
    const { stdout } = await run('check', './counter.ts', '--events', file, '--constraint', 'context.n < 4');
    expect(stdout).toContain('holds within the constraint: 6 states were searched');
  });

  test.each([
    [['./door.ts#createDoor'], 2],
    [['./door.ts'], 2],
    [['./lamp.json'], 2],
    [['./config.ts'], 2],
    [['./list.ts#machines[1]'], 2],
  ])('loads %j', async (args, states) => {
    expect(await documentOf(...args)).toMatchObject({ verdict: 'holds', states, status: 0 });
  });

  test.each([
    [['./form.ts', '--event', '{"type":'], 'is no JSON'],
    [['./form.ts', '--event', '{"kind":"A"}'], 'is no event: it has no type'],
    [['./form.ts', '--constraint', 'context.n <'], 'is no expression'],
    [['./form.ts', '--events', 'nothing.json'], 'there is no such file'],
    [['./form.ts', '--input', '{'], 'is no JSON'],
    [['./form.ts', '--variant', 'a'], 'variants'],
    [['./lights.ts', '--event', '{"type":"GO"}'], 'is for a machine, and ./lights.ts is a system'],
    [['bounded-fifo', '--constraint', 'true'], 'is for a machine, and bounded-fifo is a scenario'],
  ])('refuses %j', async (args, text) => {
    const { status, stderr } = await run('check', ...args);
    expect(stderr).toContain(text);
    expect(status).toBe(3);
  });

  test.each([
    ['./form.ts', [], 'form.ts'],
    ['./door.ts', [], 'door.ts'],
    ['./config.ts', [], 'config.ts'],
    ['./list.ts#machines[1]', [], 'list.ts'],
    ['./counter.ts', ['--event', '{"type":"ADD","by":2}', '--constraint', 'context.n < 4'], 'counter.ts'],
    ['./set.ts', ['--event', '{"type":"SET","user":{"name":"Ada"}}', '--input', '{"u":"Bo"}'], 'set.ts'],
  ])('prints a system of %s that says the same', async (target, flags, from) => {
    const machine = await documentOf(target, ...flags);
    expect(machine.machine!.system).toContain(`from './${from}'`);
    writeFileSync(join(folder, 'pasted.ts'), machine.machine!.system);
    const started = spawnSync(process.execPath, [...entry(), 'check', './pasted.ts', '--json'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const [result] = checkDocumentSchema.parse(JSON.parse(started.stdout)).results;
    expect(result).toMatchObject({ verdict: 'holds', states: machine.states, steps: machine.steps });
    const { stdout } = await run('check', target, ...flags, '--print-system');
    expect(stdout.endsWith(machine.machine!.system)).toBe(true);
  });
});

test('--strict makes the status 1 when anything is found, and a comment for a pull request tells it', async () => {
  expect((await run('check', './list.ts#machines[0]')).status).toBe(0);
  const { status, stdout } = await run('check', './list.ts#machines[0]', '--strict', '--markdown', 'comment.md');
  expect(status).toBe(1);
  expect(stdout).toContain('the state c of one cannot be reached: no transition leads to it');
  expect(readFileSync(join(folder, 'comment.md'), 'utf8')).toContain('the state c of one cannot be reached');
  const several = await run('check', './list.ts');
  expect(several.stderr).toContain('choose one: ./list.ts#machines[0], ./list.ts#machines[1]');
});

describe('other commands take a machine', () => {
  const FLAGS = ['--events', 'events.json', '--constraint', 'context.n < 4'];

  test('replay, by the schedule and by the file of a trace', async () => {
    const schedule = await run('replay', './counter.ts', ...FLAGS, '1/1');
    expect(schedule.stdout).toContain('n=4');
    expect(schedule.status).toBe(0);
    await run('check', './form.ts', '--trace-out', 'trace.json');
    expect(JSON.parse(readFileSync(join(folder, 'trace.json'), 'utf8'))).toMatchObject({ machine: { events: [] } });
    const file = await run('replay', './form.ts', 'trace.json');
    expect(file).toMatchObject({ stderr: '', status: 1 });
    expect(file.stdout).toContain('SUBMIT [isValid]');
    expect(file.stdout).toContain('no dead ends');
    const refused = await run('replay', './form.ts', 'trace.json', '--event', '{"type":"SUBMIT"}');
    expect(refused).toMatchObject({ status: 3 });
  });

  test('replay runs the constraint of a file only where it is trusted', async () => {
    await run('check', './form.ts', '--constraint', 'true', '--trace-out', 'bounded.json');
    const file = await run('replay', './form.ts', 'bounded.json');
    expect(file).toMatchObject({ stdout: '', status: 3 });
    expect(file.stderr).toContain('bounded.json is a trace with the constraint true, and a file alone runs no code');
    expect((await run('replay', './form.ts', 'bounded.json', '--trust')).stdout).toContain('no dead ends');
  });

  test('graph and export', async () => {
    const graph = await run('graph', './counter.ts', ...FLAGS, '--format', 'json');
    expect((JSON.parse(graph.stdout) as { nodes: unknown[] }).nodes).toHaveLength(6);
    const model = await run('export', './lamp.json', '--to', 'promela');
    expect(model).toMatchObject({ status: 0 });
  });

  test('report, and coverage', async () => {
    const report = await run('report', './form.ts', '-o', 'report.html');
    expect(report.status).toBe(1);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('no dead ends');
    const coverage = await run('check', './form.ts', '--coverage');
    expect(coverage.stdout).toContain('form');
  });
});
