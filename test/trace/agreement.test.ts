/** Each part of a state and of a step in which tables and live actors could differ. */
import { describe, expect, it } from 'vitest';
import { createMachine, sendTo, setup } from 'xstate';
import { actor, defineSystem } from '../../src/system/system.ts';
import { compareMessages, compareStates } from '../../src/trace/agreement.ts';
import { LiveSystem } from '../../src/trace/live.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import type { ChannelMessage, SystemState, TraceMessage } from '../../src/trace/trace.ts';

const channel = {
  from: ['a'],
  to: ['a'],
  types: [],
  capacity: 9,
  whenFull: 'block',
  lossy: false,
  duplicating: false,
  competing: false,
};
const channels = { queue: { ...channel, order: 'fifo' }, bag: { ...channel, order: 'unordered' } } as const;
const message = (type: string): ChannelMessage => ({ to: 'a', event: { type } });
const state: SystemState = {
  actors: { a: { value: 'on', context: { n: 1 }, timers: ['x'] } },
  monitors: { calm: { value: 'yes', context: {} } },
  channels: { queue: [message('ONE'), message('TWO')], bag: [message('ONE'), message('TWO')] },
};
const compared = (other: Partial<SystemState>) => () =>
  compareStates('here', channels as never, state, { ...state, ...other });

describe('two states agree', () => {
  it('when they are the same, but for the order in a bag', () => {
    expect(compared({})).not.toThrow();
    expect(compared({ channels: { ...state.channels, bag: [message('TWO'), message('ONE')] } })).not.toThrow();
  });

  it.each<[string, Partial<SystemState>, string]>([
    ['the value of an actor', { actors: { a: { ...state.actors.a!, value: 'off' } } }, 'actor "a"'],
    ['its context', { actors: { a: { ...state.actors.a!, context: { n: 2 } } } }, 'actor "a"'],
    ['its timers', { actors: { a: { ...state.actors.a!, timers: ['x', 'y'] } } }, 'actor "a"'],
    ['a monitor', { monitors: { calm: { value: 'no', context: {} } } }, 'monitor "calm"'],
    ['a queue', { channels: { ...state.channels, queue: [message('ONE')] } }, 'channel "queue"'],
    ['its order', { channels: { ...state.channels, queue: [message('TWO'), message('ONE')] } }, 'channel "queue"'],
    ['a bag', { channels: { ...state.channels, bag: [message('ONE'), message('ONE')] } }, 'channel "bag"'],
  ])('not when %s differs', (_, other, what) => {
    expect(compared(other)).toThrow(`disagree here, about ${what}`);
  });
});

describe('two steps agree', () => {
  const sent: TraceMessage = { fate: 'queued', from: 'a', to: 'b', event: { type: 'ONE' }, channel: 'queue' };
  it.each<[string, readonly TraceMessage[]]>([
    ['its fate', [{ ...sent, fate: 'dropped' }]],
    ['its sender', [{ ...sent, from: 'c' }]],
    ['its receiver', [{ ...sent, to: 'c' }]],
    ['its event', [{ ...sent, event: { type: 'TWO' } }]],
    ['its channel', [{ ...sent, channel: 'bag' }]],
    ['one more', [sent, sent]],
  ])('not when a message differs by %s', (_, others) => {
    expect(() => compareMessages('here', [sent], [sent])).not.toThrow();
    expect(() => compareMessages('here', [sent], others)).toThrow('disagree here, about the messages');
  });
});

describe('a live system', () => {
  const tell = (type: string) => sendTo(({ system }) => system.get('sink'), { type });

  it('spends a timer whose event nobody waits for', () => {
    const machine = createMachine({
      initial: 'waiting',
      states: { waiting: { after: { 10: { guard: () => false, target: 'never' } } }, never: {} },
    });
    const system = defineSystem({ actors: { one: actor(machine) }, deadlock: 'ignore' });
    const { trace, violated } = replaySchedule(system, '0');
    expect([trace.steps[0]!.kind, trace.final.actors.one!.timers, violated]).toEqual(['timer', undefined, []]);
  });

  it('gives out of a queue only the oldest message', () => {
    const source = setup({ actions: { one: tell('ONE'), two: tell('TWO') } }).createMachine({
      on: { GO: { actions: ['one', 'two'] } },
    });
    const build = (order: 'fifo' | 'unordered') =>
      defineSystem({
        actors: {
          source: actor(source, { choices: [{ type: 'GO' }] }),
          sink: actor(createMachine({ on: { ONE: { actions: [] }, TWO: { actions: [] } } })),
        },
        channels: { link: { to: ['sink'], order, capacity: 2 } },
      });
    const two = { kind: 'deliver', actor: 'sink', event: { type: 'TWO' }, channel: 'link' } as const;
    for (const order of ['fifo', 'unordered'] as const) {
      const live = new LiveSystem(build(order));
      live.step({ kind: 'choice', actor: 'source', event: { type: 'GO' } });
      if (order === 'fifo') expect(() => live.step(two)).toThrow('has no TWO for "sink" to give out');
      else expect(live.step(two).outcome).toBe('done');
    }
  });
});
