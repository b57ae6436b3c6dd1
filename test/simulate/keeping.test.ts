/** Units that are kept over several steps: each question of rule 4 of `docs/timing.md` by a small system that is worked out by hand. */
import { describe, expect, it } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { Simulation } from '../../src/simulate/simulation.ts';
import { exponential } from '../../src/system/durations.ts';
import { type Actors, actor, defineSystem, family, type System } from '../../src/system/system.ts';
import type { Timing } from '../../src/system/timing.ts';
import { alone, type JobEvent, pressed, stopped, timed } from './jobs.ts';
import { CELL_TIMES, cells } from './paged.ts';
import { ran } from './ran.ts';

/** How long a run has lasted, and how long slots were held. */
function slotOf(system: System, timing: Timing, time = 1000) {
  const { resources, ...run } = ran(system, timing, time);
  const { utilisation, waitingMax } = resources.slot!;
  const held = Math.round(utilisation * run.time * timing.resources!.slot!.units * 1000) / 1000;
  return { time: run.time, held, waitingMax, schedule: run.schedule };
}

describe('a unit that is kept in some states', () => {
  it('is held by the actor whose step has taken it, whatever it does or waits for, until it is in none of them', () => {
    // job0 has it from 0 to 13, of which it sleeps for 10; job1 from then on.
    expect(slotOf(alone(2), timed({}))).toMatchObject({ time: 26, held: 26, waitingMax: 1 });
    // Otherwise they sleep at the same time.
    expect(slotOf(alone(2), timed({ keeps: false }))).toMatchObject({ time: 14, held: 2 });
  });

  it('is kept in each of the states that are named, and in no other one', () => {
    const asleep = timed({ keeps: { 'job*': ['active.asleep', 'stopped'] } });
    // From 0 to 11, and from 11 to 22; the last of them runs until 24.
    expect(slotOf(alone(2), asleep)).toMatchObject({ time: 24, held: 22 });
    const both = timed({ keeps: { 'job*': ['active.asleep', { active: 'awake' }] } });
    expect(slotOf(alone(2), both)).toMatchObject({ time: 26, held: 26 });
  });

  it('is kept by those actors that are named', () => {
    const first = timed({ units: 2, keeps: { job0: 'active' } });
    expect(slotOf(alone(2), first)).toMatchObject({ time: 13, held: 13 + 1 });
    // What fits an actor by several names counts together.
    const twice = timed({ units: 2, keeps: { job0: 'active.asleep', 'job*': 'active.awake' } });
    expect(slotOf(alone(2), twice)).toMatchObject({ time: 13, held: 13 + 1 });
  });

  it('is used by what its actor does meanwhile, at once and without waking up', () => {
    const uses = timed({ wakeUp: 3 }, { RUN: { takes: 2, uses: 'slot' } });
    // 3 to wake up, 1, 10 and 2; and so the other one.
    expect(slotOf(alone(2), uses)).toMatchObject({ time: 32, held: 32, schedule: '0/0/0/0/0/0' });
  });

  it('is held beside what else its actor needs', () => {
    const slots = timed({ units: 2 }, { RUN: { takes: 2, uses: 'cpu' } });
    // One CPU for both, from 11 to 13 and from 13 to 15; each keeps its slot while it waits for that.
    expect(slotOf(alone(2), slots)).toMatchObject({ time: 15, held: 13 + 15 });
    const two: Timing = {
      ...slots,
      resources: { ...slots.resources, cpu: { units: 1, keeps: { 'job*': 'active.awake' } } },
      actors: { 'job*': { ...slots.actors!['job*'], WAKE: { takes: 10, uses: 'cpu' }, RUN: 2 } },
    };
    // The CPU as well is kept over a step: from 1 to 13, and from 13 to 25.
    expect(slotOf(alone(2), two)).toMatchObject({ time: 25, held: 13 + 25 });
  });

  it('is none where an actor comes into such a state without having used the resource', () => {
    const late = timed({}, { START: { takes: 1 }, RUN: { takes: 2, uses: 'slot' } });
    expect(slotOf(alone(2), late)).toMatchObject({ time: 15, held: 4 });
  });

  it('is taken by the one who takes the message of the step', () => {
    const source = setup({
      types: { events: {} as { type: 'SEND' } },
      actions: { send: sendTo(({ system }) => system.get('worker'), { type: 'JOB' }) },
    }).createMachine({
      id: 'source',
      initial: 'ready',
      states: { ready: { on: { SEND: { target: 'over', actions: 'send' } } }, over: {} },
    });
    const worker = setup({ types: { events: {} as JobEvent } }).createMachine({
      id: 'worker',
      initial: 'idle',
      states: { idle: { on: { JOB: 'busy' } }, busy: { on: { RUN: 'idle' } } },
    });
    const system = defineSystem({
      actors: {
        source: actor(source, { choices: [{ type: 'SEND' }], rest: ['over'] }),
        worker: actor(worker, { choices: [{ type: 'RUN' }], rest: ['idle'] }),
      },
      channels: { link: { to: ['worker'], order: 'fifo', capacity: 1 } },
    });
    const timing = (more: Record<string, string>): Timing => ({
      resources: { slot: { units: 1, keeps: { worker: 'busy', ...more } } },
      actors: { source: { SEND: { takes: 1, uses: 'slot' } }, worker: { JOB: { takes: 1, uses: 'slot' }, RUN: 5 } },
    });
    expect(slotOf(system, timing({}))).toMatchObject({ time: 7, held: 7 });
    // Who keeps it for ever lets the other one wait for ever.
    expect(() => slotOf(system, timing({ source: 'over' }))).toThrow(
      'holds 1 messages that nobody takes, and units are waited for of slot; expected something to do until the end',
    );
  });
});

describe('a unit that is kept', () => {
  it('is given back with the step of somebody else that takes its actor out of those states', () => {
    // At 5 two jobs are stopped in one step, and the two that wait have their slots.
    const run = slotOf(stopped(4, 2, ['START']), pressed(timed({ units: 2 })));
    expect(run).toMatchObject({ time: 6, waitingMax: 2, schedule: '0/0/2/0/0' });
    // 5 each, and from then on those that keep theirs.
    expect(run.held).toBe(12);
  });

  it('is worked on to the end by what its actor has begun, and belongs to that alone then', () => {
    // HURRY begins at 1, and goes on when job0 is stopped at 5; job1 starts at 9.
    const long = timed({}, { HURRY: { takes: 8, uses: 'slot' } });
    expect(slotOf(stopped(2, 1, ['START', 'HURRY']), pressed(long))).toMatchObject({ time: 18, held: 18 });
  });

  it('is kept again where that leads back', () => {
    // BACK begins at 1, and again at 9: from 5 to 9 it alone has the unit, and from then on job0, until it is over at 21.
    const back = timed({}, { BACK: { takes: 8, uses: 'slot' } });
    const run = slotOf(stopped(2, 1, ['START', 'WAKE', 'RUN', 'BACK']), pressed(back));
    expect(run).toMatchObject({ time: 34, held: 34 });
    // Where BACK cannot begin before 5, it waits for job1, which is over at 18.
    const later = timed({}, { BACK: [{ in: 'stopped', takes: 3, uses: 'slot' }, { takes: 1000 }] });
    expect(slotOf(stopped(2, 1, ['START', 'WAKE', 'RUN', 'BACK']), pressed(later))).toMatchObject({
      time: 33,
      held: 33,
    });
  });

  it('stays with its actor when an activity that works on it is dropped', () => {
    const slow = timed({}, { WAKE: { takes: 100, uses: 'slot' }, HURRY: { takes: 6 } });
    // WAKE is dropped at 7 as the job is over, and with that the unit is given back; job1 is over at 14.
    expect(slotOf(alone(2, ['START', 'WAKE', 'HURRY']), slow)).toMatchObject({ time: 14, held: 14 });
    const awake = timed({}, { WAKE: { takes: 3 }, HURRY: { takes: 50, uses: 'slot' }, RUN: { takes: 4 } });
    // HURRY, which works on it, is dropped at 4, and the unit is kept until 8.
    const run = slotOf(alone(2, ['START', 'WAKE', 'HURRY', 'RUN']), awake);
    expect(run).toMatchObject({ time: 16, held: 16 });
  });

  it('is not taken by an activity that is dropped', () => {
    const machine = setup({ types: { events: {} as JobEvent } }).createMachine({
      id: 'lost',
      initial: 'first',
      states: { first: { on: { START: 'over', WAKE: 'second' } }, second: { on: { RUN: 'over' } }, over: {} },
    });
    const system = defineSystem({
      actors: family('job', 2, () =>
        actor(machine, { choices: [{ type: 'START' }, { type: 'WAKE' }, { type: 'RUN' }], rest: ['over'] }),
      ),
    });
    const timing: Timing = {
      resources: { slot: { units: 1, keeps: { 'job*': ['first', 'second'] } } },
      actors: { 'job*': { START: { takes: 6, uses: 'slot' }, WAKE: 5, RUN: { takes: 2, uses: 'slot' } } },
    };
    // START of job0 is dropped at 5, before it is over; then both ask for RUN, one after the other.
    expect(slotOf(system, timing)).toMatchObject({ time: 9, held: 9 });
  });

  it('is what an activity of its actor gets that has waited for one', () => {
    const holder = setup({ types: { events: {} as JobEvent } }).createMachine({
      id: 'holder',
      initial: 'idle',
      states: { idle: { on: { START: 'active', RUN: 'over' } }, active: { on: { RUN: 'over' } }, over: {} },
    });
    const system = defineSystem({
      actors: family('job', 2, () => actor(holder, { choices: [{ type: 'START' }, { type: 'RUN' }], rest: ['over'] })),
    });
    const timing = (wakeUp: number): Timing => ({
      resources: { slot: { units: 1, wakeUp, keeps: { 'job*': 'active' } } },
      actors: { 'job*': { START: { takes: 1, uses: 'slot' }, RUN: { takes: 2, uses: 'slot' } } },
    });
    // RUN of job0 waits behind its START, and before the two of job1; it would wait for itself.
    expect(slotOf(system, timing(0))).toMatchObject({ time: 6, waitingMax: 3, schedule: '0/0/0/0' });
    expect(slotOf(system, timing(1))).toMatchObject({ time: 8 });
  });

  it('is the one that is worked on, where a step with another one leads back', () => {
    const steps = {
      HURRY: { takes: 100, uses: 'slot' },
      BACK: [{ in: 'stopped', takes: 1, uses: 'slot' }, { takes: 1000 }],
    };
    const run = slotOf(stopped(1, 1, ['START', 'HURRY', 'WAKE', 'RUN', 'BACK']), pressed(timed({ units: 2 }, steps)));
    // HURRY has the first one from 5 on; BACK takes another one for 1. HURRY is dropped at 16, and the first is kept until 18.
    expect(run).toMatchObject({ time: 18, held: 18 + 1 });
  });

  it('is one: what its actor has taken besides is given back with its step', () => {
    // A transition of a choice counts if it does something.
    const greedy = setup({ types: { events: {} as JobEvent }, actions: { keep: assign({}) } }).createMachine({
      id: 'greedy',
      initial: 'active',
      states: { active: { on: { START: { actions: 'keep' }, RUN: { actions: 'keep' }, WAKE: 'over' } }, over: {} },
    });
    const system = defineSystem({
      actors: family('job', 1, () =>
        actor(greedy, { choices: [{ type: 'START' }, { type: 'RUN' }, { type: 'WAKE' }], rest: ['over'] }),
      ),
    });
    const timing: Timing = {
      resources: { slot: { units: 2, keeps: { job0: 'active' } } },
      actors: { job0: { START: { takes: 1, uses: 'slot' }, RUN: { takes: 3, uses: 'slot' }, WAKE: 4.5 } },
    };
    // START has taken one at 0, and RUN the other, until 3; both go on with the first.
    expect(slotOf(system, timing)).toMatchObject({ time: 4.5, held: 4.5 + 3 });
  });
});

it('is kept by members that start nothing themselves', () => {
  const page = setup({ types: { events: {} as { type: 'TOUCH' } } }).createMachine({
    id: 'page',
    initial: 'absent',
    states: { absent: { on: { TOUCH: 'present' } }, present: { on: { TOUCH: 'absent' } } },
  });
  const device = setup({
    types: { events: {} as { type: 'DMA'; page: string } },
    actions: { touch: sendTo(({ event, system }) => system.get(event.page), { type: 'TOUCH' }) },
  }).createMachine({ id: 'device', on: { DMA: { actions: 'touch' } } });
  const pages = (count: number) => {
    const names = Array.from({ length: count }, (_, at) => `page${at}` as const);
    return defineSystem<Actors>({
      actors: {
        device: actor(device, {
          choices: names.map((name) => ({ type: 'DMA' as const, page: name })),
          rest: () => true,
        }),
        ...family('page', count, () => actor(page)),
      },
      channels: { link: { from: ['device'], to: names, order: 'fifo', capacity: 4 } },
      population: names.map((name) => [name]),
    });
  };
  const timing: Timing = {
    resources: { frame: { units: 12, keeps: { 'page*': 'present' } } },
    actors: {
      device: { DMA: { takes: 1, draws: { order: 'uniform' } } },
      'page*': { TOUCH: { takes: 0.5, uses: 'frame' } },
    },
  };
  const { schedule, ...plain } = ran(pages(10), timing, 500);
  // Half of the ten pages are there at a time, and for half of the time one comes or goes.
  expect(plain.resources.frame!.utilisation).toBeCloseTo((5 + 0.25) / 12, 1);
  expect(new Simulation(pages(3), timing, {}, 10).run({ seed: 1, time: 500, warmUp: 0 })).toEqual(plain);
});

it('is kept by nobody when a run begins, whatever was before', () => {
  const simulation = new Simulation(alone(2), timed({}));
  // At 5, job0 keeps the slot, and job1 waits for it.
  for (const time of [5, 1000, 1000]) {
    const { ended, time: end } = simulation.run({ seed: 1, time, warmUp: 0 });
    expect({ ended, end }).toEqual(time === 5 ? { ended: 'time', end: 5 } : { ended: 'at rest', end: 26 });
  }
});

describe('a step whose effect comes first', () => {
  it('leaves its actor the unit that it works on, and gives it back when both are over', () => {
    const early = timed({}, { START: { takes: 4, uses: 'slot', effect: 'start' }, RUN: { takes: 2 } });
    // START at 0, busy until 4, WAKE at 14, RUN at 16; and job1 from then on.
    expect(slotOf(alone(2), early)).toMatchObject({ time: 32, held: 32 });
    const first = timed({ keeps: { job0: 'active' } }, { START: { takes: 4, uses: 'slot', effect: 'start' } });
    expect(slotOf(alone(2), first)).toMatchObject({ time: 32, held: 16 + 4 });
  });

  it('holds it until its work is done, also where it takes its actor out of those states', () => {
    const last = timed({}, { RUN: { takes: 2, uses: 'slot', effect: 'start' } });
    // RUN at 11, its unit is free at 13; so job1 has started at 14, and its unit is free at 26.
    const run = slotOf(alone(2), last);
    expect(run).toMatchObject({ time: 26, held: 26 });
  });

  it('holds it also where its actor is stopped meanwhile', () => {
    const early = timed({}, { START: { takes: 9, uses: 'slot', effect: 'start' } });
    // Stopped at 5, while it is busy until 9.
    expect(slotOf(stopped(2, 1, ['START']), pressed(early))).toMatchObject({ time: 18, held: 18 });
  });
});

it('is kept by members of a population as by actors of their own', () => {
  const timing: Timing = {
    resources: { cpu: { units: 3, wakeUp: exponential(0.2), keeps: { 'server*': 'busy' } } },
    actors: { ...CELL_TIMES.actors, 'server*': { DONE: { takes: exponential(1), uses: 'cpu' } } },
  };
  const run = { seed: 5, time: 1000, steps: 4000, schedule: true };
  const plain = new Simulation(cells(9), timing).run(run);
  expect(plain.resources.cpu!.waitingMax).toBeGreaterThan(2);
  expect(new Simulation(cells(2), timing, {}, 9).run(run)).toEqual(plain);
  const asked = { ...timing, resources: { cpu: { units: 3, wakeUp: exponential(0.2) } } };
  expect(new Simulation(cells(9), asked).run(run).digest).not.toBe(plain.digest);
});
