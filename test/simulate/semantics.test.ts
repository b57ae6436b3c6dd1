/** Each rule of `docs/timing.md` by a small system in which the times can be worked out by hand. */
import { describe, expect, it } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { simulate } from '../../src/simulate/replications.ts';
import { Simulation } from '../../src/simulate/simulation.ts';
import { empirical, exponential, logNormal, uniform } from '../../src/system/durations.ts';
import { actor, combineActors, defineSystem, family, type System } from '../../src/system/system.ts';
import type { ChannelTiming, MeasureDefinition, Timing } from '../../src/system/timing.ts';
import { ran } from './ran.ts';

/** It does something again and again, for ever, and tells nobody. */
const walker = setup({ types: { events: {} as { type: 'GO' } | { type: 'STAY' } } }).createMachine({
  id: 'walker',
  initial: 'left',
  states: { left: { on: { GO: 'right', STAY: 'left' } }, right: { on: { GO: 'left' } } },
});

/** It works through so many pieces, and stops. */
const thread = setup({
  types: {
    input: {} as { pieces: number },
    context: {} as { pieces: number },
    events: {} as { type: 'RUN' },
  },
  guards: { isOver: ({ context }) => context.pieces === 0 },
  actions: { work: assign({ pieces: ({ context }) => context.pieces - 1 }) },
}).createMachine({
  id: 'thread',
  context: ({ input }) => input,
  initial: 'working',
  states: {
    working: { always: { guard: 'isOver', target: 'over' }, on: { RUN: { target: 'working', actions: 'work' } } },
    over: { type: 'final' },
  },
});

function threads(count: number, pieces: number): System {
  return defineSystem({
    actors: family('thread', count, () => actor(thread, { input: { pieces }, choices: [{ type: 'RUN' }] })),
  });
}

const counted = (type: string, to?: string): MeasureDefinition => ({
  counters: { count: { type, ...(to && { to }) } },
});

describe('an activity', () => {
  const walking = defineSystem({ actors: { walker: actor(walker, { choices: [{ type: 'GO' }] }) } });

  it('is drawn when its step is enabled, and its step happens when that time is over', () => {
    const run = ran(walking, { actors: { walker: { GO: 2 } } }, 9);
    expect(run).toMatchObject({ steps: 4, time: 9, ended: 'time', pending: 1 });
  });

  it('takes as long as the state of its actor says', () => {
    const timing = { actors: { walker: { GO: [{ in: 'left', takes: 1 }, { takes: 3 }] } } };
    expect(ran(walking, timing, 9).steps).toBe(5);
  });

  it('takes as long as its message and the context of its actor say', () => {
    const run = ran(
      threads(1, 4),
      { actors: { 'thread*': { RUN: { takes: ({ context }) => Number(context.pieces) } } } },
      100,
    );
    // 4 + 3 + 2 + 1
    expect(run).toMatchObject({ time: 10, ended: 'at rest' });
  });

  it('races with the others of its actor', () => {
    const system = defineSystem({
      actors: { walker: actor(walker, { choices: [{ type: 'GO' }, { type: 'STAY' }] }) },
    });
    const run = ran(system, { actors: { walker: { GO: 5, STAY: 2 } } }, 6.5, counted('STAY'));
    // STAY wins at 2 and 4; GO, which has been enabled all the time, goes on and wins at 5, and again at 10.
    expect(run.counters.count!.count).toBe(2);
    expect(run.steps).toBe(3);
  });

  it('ends at the same moment as others in the order in which they were enabled', () => {
    const system = threads(3, 2);
    const run = ran(system, { actors: { thread0: { RUN: 2 }, thread1: { RUN: 1 }, thread2: { RUN: 2 } } }, 3);
    // At 1: thread1. At 2: thread0 and thread2, enabled at 0, before the second of thread1, which is over.
    expect(run.schedule).toBe('1/0/2/1');
  });
});

describe('choices with weights', () => {
  const system = defineSystem({ actors: { walker: actor(walker, { choices: [{ type: 'GO' }, { type: 'STAY' }] }) } });

  it('are drawn in proportion, and only the one that is drawn takes time', () => {
    const timing = { actors: { walker: { GO: { takes: 1, weight: 1 }, STAY: { takes: 1, weight: 3 } } } };
    const { counters } = simulate(system, timing, {
      seed: 3,
      time: 20_000,
      measures: {
        counters: { go: { type: 'GO' }, stay: { type: 'STAY' } },
      },
    });
    // From the left GO is drawn once in four times; from the right there is nothing else: 5 steps of 2 GO and 3 STAY.
    expect(counters.stay!.rate).toBeCloseTo(0.6, 1);
    expect(counters.go!.rate + counters.stay!.rate).toBeCloseTo(1, 3);
    ran(system, timing, 50);
  });

  it('are drawn anew when others of them are enabled', () => {
    const worker = setup({
      types: { events: {} as { type: 'SLOW' } | { type: 'FAST' } | { type: 'SWITCH' } },
    }).createMachine({
      id: 'worker',
      initial: 'alone',
      states: {
        alone: { on: { SLOW: 'over', SWITCH: 'both' } },
        both: { on: { SLOW: 'over', FAST: 'over', SWITCH: {} } },
        over: { type: 'final' },
      },
    });
    const hand = setup({
      types: { events: {} as { type: 'PRESS' } },
      actions: { press: sendTo(({ system: all }) => all.get('worker'), { type: 'SWITCH' }) },
    }).createMachine({
      id: 'hand',
      initial: 'up',
      states: { up: { on: { PRESS: { target: 'down', actions: 'press' } } }, down: { type: 'final' } },
    });
    const both = defineSystem({
      actors: {
        hand: actor(hand, { choices: [{ type: 'PRESS' }] }),
        worker: actor(worker, { choices: [{ type: 'SLOW' }, { type: 'FAST' }] }),
      },
    });
    const timing = (weight: number): Timing => ({
      actors: { hand: { PRESS: 3 }, worker: { SLOW: { takes: 10, weight: 1 }, FAST: { takes: 1, weight } } },
    });
    expect(ran(both, timing(1e9), 100).time).toBe(4);
    // SLOW is drawn again, and begins again.
    expect(ran(both, timing(0), 100).time).toBe(13);
  });

  it('of weight 0 are never made', () => {
    const timing = { actors: { walker: { GO: { takes: 1, weight: 1 }, STAY: { takes: 1, weight: 0 } } } };
    expect(ran(system, timing, 50, counted('STAY')).counters.count!.count).toBe(0);
  });
});

describe('what is disabled', () => {
  /** It has to be switched on. */
  const lamp = setup({ types: { events: {} as { type: 'SWITCH' } | { type: 'BURN' } } }).createMachine({
    id: 'lamp',
    initial: 'off',
    states: {
      off: { on: { SWITCH: 'on' } },
      on: { on: { SWITCH: 'off', BURN: 'burnt' } },
      burnt: { on: { SWITCH: {} } },
    },
  });
  const hand = setup({
    types: { events: {} as { type: 'PRESS' } },
    actions: { press: sendTo(({ system }) => system.get('lamp'), { type: 'SWITCH' }) },
  }).createMachine({ id: 'hand', on: { PRESS: { actions: 'press' } } });
  const system = defineSystem({
    actors: {
      hand: actor(hand, { choices: [{ type: 'PRESS' }] }),
      lamp: actor(lamp, { choices: [{ type: 'BURN' }] }),
    },
  });

  it('is dropped with what was drawn for it, and drawn anew when it is enabled again', () => {
    // On from 3 to 6, from 9 to 12, and so on: never for 4.
    expect(
      ran(system, { actors: { hand: { PRESS: 3 }, lamp: { BURN: 4 } } }, 100, counted('BURN')).counters.count!.count,
    ).toBe(0);
    expect(
      ran(system, { actors: { hand: { PRESS: 3 }, lamp: { BURN: 2 } } }, 100, counted('BURN')).counters.count!.count,
    ).toBe(1);
  });

  it('gives its unit back', () => {
    const timing: Timing = {
      resources: { fire: { units: 1 } },
      actors: { hand: { PRESS: 3 }, lamp: { BURN: { takes: 4, uses: 'fire' } } },
    };
    const run = ran(system, timing, 12);
    expect(run.resources.fire!.utilisation).toBeCloseTo(0.5);
  });

  it('goes on when its state changes, unless another entry of the section times it from then on', () => {
    const job = setup({ types: { events: {} as { type: 'RUN' } | { type: 'SWITCH' } } }).createMachine({
      id: 'job',
      initial: 'calm',
      states: {
        calm: { on: { RUN: 'over', SWITCH: 'hasty' } },
        hasty: { on: { RUN: 'over', SWITCH: 'calm' } },
        over: { on: { SWITCH: {} } },
      },
    });
    const hurried = defineSystem({
      actors: { hand: actor(hand, { choices: [{ type: 'PRESS' }] }), lamp: actor(job, { choices: [{ type: 'RUN' }] }) },
    });
    const ends = {
      gauges: { over: { actors: 'lamp', value: (snapshot: { value: unknown }) => Number(snapshot.value === 'over') } },
    };
    const share = (timing: Timing) => ran(hurried, timing, 40, ends).gauges.over!.mean * 40;
    expect(share({ actors: { hand: { PRESS: 3 }, lamp: { RUN: 10 } } })).toBe(30);
    // At 3 it is hasty, and begins anew with 1.
    expect(share({ actors: { hand: { PRESS: 3 }, lamp: { RUN: [{ in: 'hasty', takes: 1 }, { takes: 10 }] } } })).toBe(
      36,
    );
  });
});

describe('timers', () => {
  const clock = setup({
    types: { events: {} as { type: 'KICK' } },
    delays: { short: 2, long: 5 },
  }).createMachine({
    id: 'clock',
    initial: 'calm',
    states: {
      calm: { after: { long: 'over' }, on: { KICK: { target: 'calm', reenter: true } } },
      over: { after: { short: 'calm' }, on: { KICK: {} } },
    },
  });
  const kicker = setup({
    types: { events: {} as { type: 'PRESS' } },
    actions: { kick: sendTo(({ system }) => system.get('clock'), { type: 'KICK' }) },
  }).createMachine({ id: 'kicker', on: { PRESS: { actions: 'kick' } } });
  const system = defineSystem({
    actors: { kicker: actor(kicker, { choices: [{ type: 'PRESS' }] }), clock: actor(clock) },
  });

  it('fire after the delay of their machine, in milliseconds', () => {
    const alone = defineSystem({ actors: { clock: actor(clock) } });
    // At 5, 7, 12, 14, 19.
    expect(ran(alone, { unit: 'ms' }, 20).steps).toBe(5);
    expect(ran(alone, {}, 20_000).steps).toBe(5);
  });

  it('start anew when their state is entered again, though the local state is the same', () => {
    const kicked = ran(system, { unit: 'ms', actors: { kicker: { PRESS: 4 } } }, 39);
    expect(kicked.steps).toBe(9);
    const rarely = ran(system, { unit: 'ms', actors: { kicker: { PRESS: 6 } } }, 13);
    // The timers at 5, 7 and 17; kicks at 6 and 12, the second of which makes it 17 instead of 12.
    expect(rarely.steps).toBe(4);
  });

  it('fire after another delay where the section says so, and are handled in the time that it says', () => {
    const alone = defineSystem({ actors: { clock: actor(clock) } });
    const timing: Timing = {
      unit: 'ms',
      resources: { cpu: { units: 1 } },
      actors: { clock: { '*': { takes: 1, uses: 'cpu' }, 'xstate.after.long.clock.calm': { delay: 10, takes: 0 } } },
    };
    // At 10, 13, 23, 26.
    expect(ran(alone, timing, 27).steps).toBe(4);
  });
});

describe('a resource', () => {
  const timed = (more: object, takes = 2): Timing => ({
    resources: { cpu: { units: 1, ...more } },
    actors: { 'thread*': { RUN: { takes, uses: 'cpu' } } },
  });

  it('has units, and who asks first is served first', () => {
    const run = ran(threads(3, 1), timed({ units: 2 }), 100);
    expect(run).toMatchObject({ time: 4, schedule: '0/0/0' });
    expect(run.resources.cpu!).toMatchObject({ utilisation: 0.75, waitingMax: 1 });
    expect(run.resources.cpu!.waiting).toBeCloseTo(0.5);
  });

  it('is asked for anew for each step, behind those who wait', () => {
    expect(ran(threads(2, 2), timed({}), 100).schedule).toBe('0/1/0/0');
  });

  it('is kept by an actor that goes on at once, where it says so', () => {
    expect(ran(threads(2, 2), timed({ keeps: true }), 100).schedule).toBe('0/0/0/0');
  });

  it('is kept by that actor also when somebody whom its step wakes asks first', () => {
    const worker = setup({ types: { events: {} as { type: 'WAKE' } | { type: 'RUN' } } }).createMachine({
      id: 'worker',
      initial: 'asleep',
      states: { asleep: { on: { WAKE: 'awake' } }, awake: { on: { RUN: 'over' } }, over: { type: 'final' } },
    });
    const waker = setup({
      types: { events: {} as { type: 'RUN' } },
      actions: { wake: sendTo(({ system }) => system.get('worker'), { type: 'WAKE' }) },
    }).createMachine({
      id: 'waker',
      initial: 'first',
      states: {
        first: { on: { RUN: { target: 'second', actions: 'wake' } } },
        second: { on: { RUN: 'over' } },
        over: { type: 'final' },
      },
    });
    const choices = [{ type: 'RUN' }] as const;
    // The worker comes first in the order of steps.
    const system = defineSystem({
      actors: { worker: actor(worker, { choices, rest: ['asleep'] }), waker: actor(waker, { choices }) },
    });
    const timing: Timing = {
      resources: { cpu: { units: 1, keeps: true } },
      actors: { '*': { RUN: { takes: 1, uses: 'cpu' } } },
    };
    // The waker alone, both (the waker goes on), and the worker.
    expect(ran(system, timing, 100).schedule).toBe('0/1/0');
  });

  it('needs some time to wake up, each time that it is given to somebody', () => {
    expect(ran(threads(2, 2), timed({ wakeUp: 1 }), 100).time).toBe(12);
    expect(ran(threads(2, 2), timed({ wakeUp: 1, keeps: true }), 100).time).toBe(10);
  });
});

describe('a step whose effect comes first', () => {
  it('happens at its start, and its actor is busy until the end', () => {
    const run = ran(threads(1, 3), { actors: { 'thread*': { RUN: { takes: 5, effect: 'start' } } } }, 100);
    // At 0, 5 and 10.
    expect(run).toMatchObject({ steps: 3, time: 10 });
  });

  it('holds its unit until the end', () => {
    const timing: Timing = {
      resources: { cpu: { units: 1 } },
      actors: { 'thread*': { RUN: { takes: 5, uses: 'cpu', effect: 'start' } } },
    };
    const run = ran(threads(2, 1), timing, 100);
    // The second begins at 5, and its unit is free again at 10.
    expect(run).toMatchObject({ steps: 2, time: 10 });
    expect(run.resources.cpu!.utilisation).toBe(1);
  });
});

describe('channels', () => {
  const sender = setup({
    types: {
      input: {} as { left: number; size: number },
      context: {} as { left: number; size: number },
      events: {} as { type: 'SEND' },
    },
    guards: { has: ({ context }) => context.left > 0 },
    actions: {
      send: sendTo(
        ({ system }) => system.get('receiver'),
        ({ context }) => ({ type: 'DATA', size: context.size, number: context.left }),
      ),
      count: assign({ left: ({ context }) => context.left - 1 }),
    },
  }).createMachine({
    id: 'sender',
    context: ({ input }) => input,
    on: { SEND: { guard: 'has', actions: ['send', 'count'] } },
  });
  const receiver = setup({ types: { events: {} as { type: 'DATA' } } }).createMachine({
    id: 'receiver',
    on: { DATA: {} },
  });
  const link = (left: number, channel: object = {}) =>
    defineSystem({
      actors: {
        sender: actor(sender, { input: { left, size: 10 }, choices: [{ type: 'SEND' }], rest: () => true }),
        receiver: actor(receiver),
      },
      channels: { wire: { to: ['receiver'], order: 'fifo', capacity: Number.POSITIVE_INFINITY, ...channel } },
    });
  const data = counted('DATA', 'receiver');
  const sojourn: MeasureDefinition = {
    ...data,
    times: { transit: { from: { type: 'SEND' }, to: { type: 'DATA' }, unless: { type: 'DATA', fate: 'lost' } } },
  };

  it('deliver at once where nothing is said of them', () => {
    expect(ran(link(3), { actors: { sender: { SEND: 1 } } }, 100, sojourn)).toMatchObject({ time: 3, steps: 6 });
  });

  it('have a latency, in which any number of messages may be', () => {
    const run = ran(link(3), { actors: { sender: { SEND: 1 } }, channels: { wire: { latency: 7 } } }, 100, sojourn);
    expect(run.time).toBe(10);
    expect(run.times.transit).toMatchObject({ count: 3, mean: 7, deviation: 0 });
  });

  it('have a bandwidth, at which messages leave one after the other', () => {
    const wire: ChannelTiming = { bandwidth: 2, latency: 1, size: (event) => Number(event.size) };
    const run = ran(link(3), { actors: { sender: { SEND: 1 } }, channels: { wire } }, 100, sojourn);
    // Sent at 1, 2 and 3; out at 6, 11 and 16; there 1 later.
    expect(run.time).toBe(17);
    expect(run.times.transit!.mean).toBeCloseTo((6 + 10 + 14) / 3);
  });

  it('keep their order, whatever latency is drawn', () => {
    const timing: Timing = { actors: { sender: { SEND: 1 } }, channels: { wire: { latency: uniform(0, 50) } } };
    ran(link(20), timing, 1000, data);
    const unordered = ran(link(20, { order: 'unordered' }), timing, 1000, data);
    expect(unordered.counters.count!.count).toBe(20);
  });

  it('lose and double as many messages as they are said to', () => {
    const timing: Timing = {
      actors: { sender: { SEND: 1 } },
      channels: { wire: { latency: 3, loses: 0.25, duplicates: 0.5 } },
    };
    const system = link(2000, { lossy: true, duplicating: true });
    const run = simulate(system, timing, {
      seed: 5,
      time: 1e6,
      warmUp: 0,
      measures: {
        counters: { there: { type: 'DATA' }, lost: { type: 'DATA', fate: 'lost' } },
      },
    });
    const { there, lost } = run.counters;
    // Each message is delivered again and again until it is lost, or delivered and not kept.
    expect(lost!.count / (lost!.count + there!.count)).toBeCloseTo(0.25, 1);
    ran(link(30, { lossy: true, duplicating: true }), timing, 1000);
    expect(
      ran(link(30, { lossy: true, duplicating: true }), { actors: { sender: { SEND: 1 } } }, 1000, data).counters.count!
        .count,
    ).toBe(30);
  });

  it('are read by actors that need time for it', () => {
    const timing: Timing = { actors: { sender: { SEND: 1 }, receiver: { DATA: { takes: 4 } } } };
    // The first at 5, and then one after the other.
    expect(ran(link(3), timing, 100, data).time).toBe(13);
  });
});

describe('runs', () => {
  const system = threads(3, 1_000_000);
  const timing: Timing = {
    resources: { cpu: { units: 2, wakeUp: exponential(0.1) } },
    actors: {
      thread0: { RUN: { takes: logNormal(2, 3), uses: 'cpu' } },
      thread1: { RUN: { takes: empirical([1, 2, 3], [1, 1, 2]), uses: 'cpu' } },
      thread2: { RUN: { takes: uniform(0, 1), uses: 'cpu', effect: 'start' } },
    },
  };

  it('with one seed are one run, bit for bit, also on tables that know everything', () => {
    const first = simulate(system, timing, { seed: 7, time: 500, schedule: true });
    const simulation = new Simulation(system, timing);
    simulation.run({ seed: 8, time: 500 });
    const again = simulation.run({ seed: 7, time: 500, schedule: true });
    expect(again).toEqual(first);
    expect(simulation.run({ seed: 8, time: 500 }).digest).not.toBe(first.digest);
  });

  it('leave the first tenth, or the warm-up that is asked for, out of what they measure', () => {
    const walking = defineSystem({ actors: { walker: actor(walker, { choices: [{ type: 'GO' }] }) } });
    const measures: MeasureDefinition = {
      ...counted('GO'),
      gauges: { right: { actors: 'walker', value: (snapshot) => Number(snapshot.matches('right')) } },
      times: { away: { from: { type: 'GO' }, to: { type: 'GO' } } },
    };
    const options = { seed: 1, time: 100.5, measures };
    const tenth = simulate(walking, { actors: { walker: { GO: 1 } } }, options);
    expect(tenth.counters.count).toMatchObject({ count: 90 });
    expect(tenth.counters.count!.rate).toBeCloseTo(1, 2);
    expect(tenth.gauges.right!.mean).toBeCloseTo(0.5, 2);
    const half = simulate(walking, { actors: { walker: { GO: 1 } } }, { ...options, warmUp: 50.5 });
    expect(half.counters.count!.count).toBe(50);
    // What began in the warm-up is left out, too: the first that counts begins at 51.
    expect(half.times.away).toMatchObject({ count: 49, mean: 1 });
  });

  it('end after so many steps, if asked', () => {
    expect(simulate(system, timing, { seed: 1, time: 1e9, steps: 100 })).toMatchObject({ steps: 100, ended: 'steps' });
  });

  it('tell what of the section has timed nothing', () => {
    const unusual = { actors: { 'thread*': { RUN: [{ in: 'over', takes: 3 }, { takes: 1 }] } } };
    expect(simulate(threads(1, 2), unusual, { seed: 1, time: 10 }).unused).toEqual(['timing of "thread*": RUN[0]']);
  });

  it('tell the first violation of a monitor, or of what must always hold', () => {
    const watched = defineSystem({
      actors: combineActors(
        family('thread', 2, () => actor(thread, { input: { pieces: 3 }, choices: [{ type: 'RUN' }] })),
      ),
      properties: ({ monitor }) => [
        monitor(
          'thread1 runs at most once',
          setup({}).createMachine({
            initial: 'none',
            states: {
              none: { on: { RUN: [{ guard: isSecond, target: 'one' }] } },
              one: { on: { RUN: [{ guard: isSecond, target: 'two' }] } },
              two: { tags: 'violation' },
            },
          }),
        ),
      ],
    });
    const run = ran(watched, { actors: { 'thread*': { RUN: 2 } } }, 100);
    expect(run.violated).toEqual({ property: 'thread1 runs at most once', time: 4, step: 4 });
    const never = defineSystem({
      actors: { walker: actor(walker, { choices: [{ type: 'GO' }] }) },
      properties: ({ always }) => [always('it stays', (view) => view.get('walker').matches('left'))],
    });
    const timing = { actors: { walker: { GO: 3 } } };
    expect(ran(never, timing, 20).violated).toEqual({ property: 'it stays', time: 3, step: 1 });
    expect(ran(never, timing, 2).violated).toBeUndefined();
  });
});

function isSecond({ event }: { event: { type: string; to?: unknown } }): boolean {
  return event.to === 'thread1';
}
