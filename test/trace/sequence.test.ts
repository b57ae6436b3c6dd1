import { describe, expect, it } from 'vitest';
import { createMachine, sendTo, setup } from 'xstate';
import { diningPhilosophers } from '../../machines/textbook/dining-philosophers.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import { overtakingText, type Sequence, sequenceOf } from '../../src/trace/sequence.ts';
import { office } from './office.ts';
import { letters, locks } from './post.ts';

const sequence = (system: Parameters<typeof replaySchedule>[0], schedule: string) =>
  sequenceOf(replaySchedule(system, schedule).trace);
const remarks = ({ steps }: Sequence) =>
  steps.flatMap(({ messages }, at) =>
    messages.flatMap((message) => {
      const text = overtakingText(message);
      return text === undefined ? [] : [`${at + 1}: ${message.event.type} ${text}`];
    }),
  );

describe('a message overtakes', () => {
  it('one that its sender sent to its receiver earlier, in an unordered channel', () => {
    // Two letters, the second one first.
    expect(remarks(sequence(letters(), '0/0/4'))).toEqual(['3: LETTER overtakes LETTER of step 1']);
  });

  it('nothing when they arrive in their order', () => {
    expect(remarks(sequence(letters(), '0/0/3/3'))).toEqual([]);
  });

  it('within a step one that is still in a channel', () => {
    expect(remarks(sequence(letters(), '0/1'))).toEqual(['2: CALL overtakes LETTER of step 1']);
  });

  it('nothing of another sender', () => {
    expect(remarks(sequence(letters(), '2/1'))).toEqual([]);
  });
});

describe('answers', () => {
  it('are those within the step, to who asked', () => {
    const [first] = sequence(office(), '0').steps;
    expect(first!.messages.map(({ event, answer }) => `${event.type} ${answer}`)).toEqual([
      'SEND none',
      'STAMP none',
      'JOB none',
      'STAMPED plain',
    ]);
  });

  it('are automatic when they say by whom they are', () => {
    const guard = setup({
      actions: {
        answer: sendTo(
          ({ system }) => system.get('client'),
          () => ({ type: 'DONE', by: 'guard' }),
        ),
      },
    }).createMachine({ on: { ASK: { actions: 'answer' } } });
    const client = setup({
      actions: { ask: sendTo(({ system }) => system.get('guard'), { type: 'ASK' }) },
    }).createMachine({ on: { GO: { actions: 'ask' }, DONE: { actions: [] } } });
    const system = defineSystem({
      actors: { client: actor(client, { choices: [{ type: 'GO' }] }), guard: actor(guard) },
    });
    expect(sequence(system, '0').steps[0]!.messages.map(({ answer }) => answer)).toEqual(['none', 'none', 'automatic']);
  });
});

it('automatic answers are also those that another actor gives unasked', () => {
  // The printer and the desk both say DONE; the desk does so when it is asked.
  const done = sendTo(({ system }) => system.get('client'), { type: 'DONE' });
  const client = setup({
    actions: { ask: sendTo(({ system }) => system.get('desk'), { type: 'ASK' }) },
  }).createMachine({ on: { GO: { actions: 'ask' }, DONE: { actions: [] } } });
  const system = defineSystem({
    actors: {
      client: actor(client, { choices: [{ type: 'GO' }] }),
      desk: actor(setup({ actions: { done } }).createMachine({ on: { ASK: { actions: 'done' } } })),
      printer: actor(setup({ actions: { done } }).createMachine({ on: { END: { actions: 'done' } } }), {
        choices: [{ type: 'END' }],
      }),
    },
  });
  const answersOf = (schedule: string) => sequence(system, schedule).steps[0]!.messages.at(-1)!.answer;
  expect(answersOf('0')).toBe('plain');
  expect(answersOf('0/0')).toBe('plain');
  expect(answersOf('0/1')).toBe('automatic');
});

describe('a lock', () => {
  it('is held from the message that takes it to the one that gives it back', () => {
    const system = diningPhilosophers.build({ philosophers: 2 }, 'left-right');
    expect(sequence(system, '0/0/0/0').holds).toEqual([
      { lock: 'fork0', holder: 'philosopher0', from: { step: 0, message: 1 }, to: { step: 2, message: 1 } },
      { lock: 'fork1', holder: 'philosopher0', from: { step: 1, message: 1 }, to: { step: 3, message: 1 } },
    ]);
  });

  it('is held to the end when nobody gives it back', () => {
    const system = diningPhilosophers.build({ philosophers: 2 }, 'left-right');
    expect(sequence(system, '0').holds).toEqual([
      { lock: 'fork0', holder: 'philosopher0', from: { step: 0, message: 1 } },
    ]);
  });

  it('may be held within a step, on behalf of the one that is named', () => {
    expect(sequence(locks(), '0').holds).toEqual([
      { lock: 'lock', holder: 'thread', from: { step: 0, message: 2 }, to: { step: 0, message: 3 } },
    ]);
  });

  it('is nothing that has no state of its own and is not released', () => {
    const queue = createMachine({ on: { TAKE: { actions: [] } } });
    const worker = setup({
      actions: { take: sendTo(({ system }) => system.get('queue'), { type: 'TAKE' }) },
    }).createMachine({ on: { RUN: { actions: 'take' } } });
    const system = defineSystem({
      actors: { worker: actor(worker, { choices: [{ type: 'RUN' }] }), queue: actor(queue) },
    });
    expect(sequence(system, '0/0').holds).toEqual([]);
  });
});

describe('channels', () => {
  it('show what is in them after each step that changes them, or that finds them full', () => {
    const { steps } = sequence(office(), '0/1/1/4/7');
    expect(steps.map(({ queues }) => queues.map(({ channel, content }) => `${channel} ${content.length}`))).toEqual([
      ['spool 1'],
      ['spool 2'],
      ['spool 2'],
      ['spool 1'],
      ['spool 0'],
    ]);
  });
});
