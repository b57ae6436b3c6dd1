import { describe, expect, test } from 'vitest';
import { priOverflow } from '../../machines/races/B-09-pri-overflow.ts';
import { diningPhilosophers as philosophers } from '../../machines/textbook/dining-philosophers.ts';
import { pingPong } from '../../machines/textbook/ping-pong.ts';
import { listDocumentSchema, type MachineDocument, machinesDocumentSchema } from '../../src/cli/documents.ts';
import { run } from './harness.ts';

test('tells each scenario by its system, and no line is longer than 80', async () => {
  const catalogue = [{ ...pingPong, systems: ['net', 'other'] }, philosophers];
  const { status, stdout, stderr } = await run(['list'], { catalogue, variables: { COLUMNS: '200' } });
  expect(status).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^net\n {2}ping-pong {2}/);
  expect(stdout).toContain(
    '\ntextbook\n  dining-philosophers  Philosophers take two forks each, one after the other\n    3 variants, 1 violated; ',
  );
  expect(stdout).toContain('npx faultline list NAME tells the variants, parameters');
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('tells a named scenario with its variants, expected verdicts and parameters', async () => {
  const { stdout } = await run(['list', 'dining-philosophers']);
  expect(stdout).toContain('dining-philosophers  Philosophers take two forks each, one after the other\n');
  expect(stdout).toMatch(/^ {2}left-right +violated +everybody takes the left fork first/m);
  expect(stdout).toMatch(/^ {2}philosophers=7 +--set +philosophers at the table, and forks \(from 2 to 16\)$/m);
  expect(stdout).toMatch(/^ {2}properties\n {2}- \S/m);
  expect(stdout).not.toContain('ping-pong');
});

describe('filters', () => {
  const names = async (...args: string[]) => {
    const { stdout } = await run(['list', '--json', ...args]);
    return listDocumentSchema.parse(JSON.parse(stdout)).scenarios.map(({ name }) => name);
  };

  test('--system finds all systems of a scenario, and its group', async () => {
    const catalogue = [{ ...pingPong, systems: ['net', 'other'] }, philosophers];
    for (const word of ['net', 'other', 'textbook']) {
      expect((await run(['list', '--system', word], { catalogue })).stdout).toContain('ping-pong');
    }
    expect((await run(['list', '--system', 'other'], { catalogue })).stdout).not.toContain('philosophers');
    const both = [
      { ...philosophers, systems: ['net', 'other'] },
      { ...pingPong, systems: ['other'] },
    ];
    expect((await run(['list', '--system', 'other'], { catalogue: both })).stdout).toMatch(
      /^other\n {2}ping-pong [\s\S]*\n {2}dining-philosophers /,
    );
    expect(await run(['list', '--system', 'nett'], { catalogue })).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/none of these scenarios tells of a system "nett"\n {2}did you mean "net"\?/),
    });
  });

  test('--property finds a part of a name, --source whole words', async () => {
    expect(await names('--property', 'COMPLETE and in')).toEqual(['bounded-fifo']);
    expect(await names('--source', 'dijkstra')).toEqual(['bounded-fifo']);
    expect(await names('--property', 'in order', '--property', 'complete')).toEqual(['bounded-fifo']);
    expect((await run(['list', '--property', 'complete'])).stdout).toContain(
      '    "items arrive complete and in order"\n',
    );
    const none = await run(['list', '--source', 'dijkstr', '--property', 'order']);
    expect(none.status).toBe(3);
    expect(none.stderr).toContain('no scenario has --property "order" and --source "dijkstr"');
  });

  test('--system takes a word of a name, --source the beginning of a commit', async () => {
    const catalogue = [{ ...pingPong, systems: ['net-tcp'], sources: ['3dfa64aecbaf'] }, philosophers];
    for (const args of [
      ['--system', 'TCP'],
      ['--source', '3dfa64a'],
      ['--source', '3dfa64aecbaf12345678'],
    ]) {
      const { stdout } = await run(['list', ...args], { catalogue });
      expect(stdout).toContain('ping-pong');
      expect(stdout).not.toContain('philosophers');
    }
    expect((await run(['list', '--source', '3dfa64b'], { catalogue })).status).toBe(3);
  });

  test.each(['--system', '--property', '--source'])('%s wants a text', async (option) => {
    expect(await run(['list', option, ' '])).toMatchObject({
      status: 3,
      stdout: '',
      stderr: expect.stringContaining(`${option} got an empty text`),
    });
  });

  test('are not for machines', async () => {
    expect(await run(['list', '--machines', '--source', 'x'], { machines: [] })).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('--source is for scenarios'),
    });
  });
});

test('prints one document that fits its schema', async () => {
  const { status, stdout } = await run(['list', '--json']);
  expect(status).toBe(0);
  const { scenarios } = listDocumentSchema.parse(JSON.parse(stdout));
  expect(scenarios.map(({ name }) => name)).toEqual(['dining-philosophers', 'bounded-fifo', 'ping-pong']);
  expect(scenarios[1]).toMatchObject({
    group: 'textbook',
    parameters: [
      {
        name: 'capacity',
        type: 'integer',
        default: 8,
        minimum: 1,
        maximum: 64,
        description: 'items that the queue holds',
      },
      { name: 'numbers', type: 'integer', default: 16, minimum: 2, maximum: 64 },
    ],
    variants: [
      { name: 'fixed', title: 'a full queue makes the producer wait', expected: { verdict: 'holds', property: null } },
      { name: 'drop', expected: { verdict: 'violated', property: 'items arrive complete and in order' } },
      { name: 'unordered' },
    ],
  });
});

test('keeps the scenarios of a group together', async () => {
  const grouped = (name: string, group: string) => ({ ...pingPong, name, group });
  const catalogue = [grouped('one', 'ours'), grouped('two', 'theirs'), grouped('three', 'ours')];
  const { stdout } = await run(['list'], { catalogue });
  expect(
    [...stdout.matchAll(/^ {2}(one|two|three) {2}|^(ours|theirs)$/gm)].map(([, name, group]) => name ?? group),
  ).toEqual(['ours', 'one', 'three', 'theirs', 'two']);
});

test('names what there is when a scenario does not exist', async () => {
  const { status, stdout, stderr } = await run(['list', 'dinning-philosophers']);
  expect(status).toBe(3);
  expect(stdout).toBe('');
  expect(stderr).toContain('there is no scenario "dinning-philosophers"\n  did you mean "dining-philosophers"?');
  expect(stderr).toContain('there are: dining-philosophers, bounded-fifo, ping-pong');
});

test.each([
  [['B-09'], 'scenarios cite it: faultline list --source B-09'],
  [['smmu-pri'], 'it is a system: faultline list --system smmu-pri'],
  [['sharedWord'], 'it is a machine: faultline list --machines sharedWord'],
  [['--machines', 'pri-overflow'], 'it is a scenario: faultline list pri-overflow'],
])('says how to ask for what is of another kind: %j', async (args, hint) => {
  const { status, stderr } = await run(['list', ...args], { catalogue: [priOverflow, pingPong] });
  expect(status).toBe(3);
  expect(stderr).toContain(hint);
});

describe('--machines', () => {
  const nothing = { files: [], functions: [], sections: [], versions: [], commits: [] };
  const queue: MachineDocument = {
    name: 'queue',
    id: 'queue',
    file: 'hardware/queue.ts',
    summary: 'A ring that hardware fills and software empties, with a wrap bit for each of the two indices that it has',
    description: ['A ring that hardware fills.', '  full   drops\n  else   stores'],
    simplifications: ['No wrap bits.'],
    mirrors: { ...nothing, sections: ['SMMUv3 8.1'], commits: ['9759ae2cee7c'] },
    versions: ['queueV2'],
    versionOf: [],
    input: [
      { name: 'entries', type: 'number', optional: false, description: 'How many it has.' },
      { name: 'irq', type: 'string', optional: true, description: '' },
    ],
    events: [
      {
        type: 'PUT',
        payload: [{ name: 'by', type: 'string', optional: false, description: '' }],
        description: 'Hardware has an entry.',
        states: ['empty', 'filled'],
        from: ['pri'],
        isChoice: false,
      },
      { type: 'RUN', payload: [], description: '', states: ['(root)'], from: [], isChoice: true },
      { type: 'STOP', payload: [], description: '', states: [], from: [], isChoice: false },
    ],
    sends: [{ type: 'IRQ', to: ['thread'], channels: ['wire*'] }],
    seenIn: [{ scenario: 'overflow', variant: 'fixed', complete: false }],
    blocking: [{ type: 'PUT', side: 'takes', everywhere: true }],
    rest: [{ where: 'empty', scenarios: ['overflow'] }],
    uses: [
      { scenario: 'overflow', variants: null, actors: ['queue*'], properties: [] },
      { scenario: 'loop', variants: ['late'], actors: [], properties: ['nothing is lost'] },
    ],
    mermaid: 'stateDiagram-v2\n',
  };
  const unused: MachineDocument = { ...queue, name: 'queueV2', file: 'kernel/v2.ts', summary: 'Another one', uses: [] };
  const machines = [queue, unused];

  test('a line for each, by folder: what it is, cut to the width, and where it is used', async () => {
    const { status, stdout, stderr } = await run(['list', '--machines'], { machines, variables: { COLUMNS: '60' } });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'hardware',
      '  queue    A ring that hardware fills and soft…  overflow +1',
      '',
      'kernel',
      '  queueV2  Another one                           nowhere',
      '',
      '',
    ]);
  });

  test('nothing is cut where a program reads it', async () => {
    const { stdout } = await run(['list', '--machines'], { machines, variables: {} });
    expect(stdout).toContain(`  queue    ${queue.summary}  overflow +1\n`);
  });

  test.each([
    ['irq', ['queue', 'queueV2']],
    ['ANOTHER', ['queueV2']],
    ['v2', ['queueV2']],
  ])('--about %s finds %j', async (word, found) => {
    const { status, stdout } = await run(['list', '--machines', '--about', word], { machines });
    expect(status).toBe(0);
    expect(stdout.match(/^ {2}\w+/gm)!.map((name) => name.trim())).toEqual(found);
  });

  test('--about finds something, and is about machines', async () => {
    expect(await run(['list', '--machines', '--about', 'zebra'], { machines })).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('no machine is about "zebra"'),
    });
    expect(await run(['list', '--about', 'irq'], { machines })).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('add --machines'),
    });
  });

  test('all that is known of one', async () => {
    const { status, stdout } = await run(['list', '--machines', 'queue'], { machines });
    expect(status).toBe(0);
    expect(stdout).toBe(`queue  machines/hardware/queue.ts
import { queue } from 'faultline/machines'

A ring that hardware fills.

  full   drops
  else   stores

Made of its parts: queueV2.

Its source cites
  sections: SMMUv3 8.1
  commits: 9759ae2cee7c

Input
  entries: number
      How many it has.
  irq?: string

Events that it takes
  PUT(by)
      in empty, filled; from pri
      Hardware has an entry.
  RUN
      in every state; from a choice

Messages that it sends
  IRQ to thread through wire*

Who sends what was seen in some of the states of overflow fixed: messages may be missing.

Blocking
  PUT, which it takes: in every system

Rest
  empty

Simplifications
  No wrap bits.

Used in
  overflow: queue*
  loop late: monitor of "nothing is lost"

draw it: npx faultline diagram overflow#queue0

`);
  });

  test('the same as a document', async () => {
    const parsed = async (args: string[]) =>
      machinesDocumentSchema.parse(
        JSON.parse((await run(['list', '--machines', '--json', ...args], { machines })).stdout),
      );
    expect((await parsed([])).machines).toEqual(machines);
    expect((await parsed(['queueV2'])).machines).toEqual([unused]);
  });

  test('names what there is when a machine does not exist', async () => {
    const { status, stdout, stderr } = await run(['list', '--machines', 'quue'], { machines });
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain('there is no machine "quue"\n  did you mean "queue"? there are: queue, queueV2');
  });

  test('what the package brings along is of machines that there are', async () => {
    const { stdout } = await run(['list', '--machines', 'sharedWord']);
    expect(stdout).toContain('sharedWord  machines/textbook/shared-word.ts\n');
  });
});
