/** Properties of progress on systems whose verdicts are known by reasoning, and what a search says of them besides. */

import { describe, expect, it } from 'vitest';
import { assign, type EventObject, raise, sendTo, setup } from 'xstate';
import { diningPhilosophers } from '../../../machines/textbook/dining-philosophers.ts';
import { peterson } from '../../../machines/textbook/peterson.ts';
import { type CheckOptions, check } from '../../../src/explore/check.ts';
import { ModelError } from '../../../src/system/errors.ts';
import {
  eventually,
  type Fairness,
  infinitelyOften,
  leadsTo,
  monitor,
  type Property,
  type SystemView,
} from '../../../src/system/property.ts';
import { type Actor, actor, defineSystem, type System, type SystemDefinition } from '../../../src/system/system.ts';
import { replaySchedule, replayTrace } from '../../../src/trace/replay.ts';
import { labelOf, scheduleOf, type Trace, traceOf } from '../../../src/trace/trace.ts';
import { checkNaively } from '../../naive-checker.ts';

type FairnessOf = { readonly [name: string]: Fairness | Record<string, Fairness> };

function systemOf(
  actors: Record<string, Actor>,
  properties: readonly Property[],
  more: Omit<SystemDefinition<Record<string, Actor>>, 'actors' | 'properties'> = {},
): System {
  return defineSystem({ actors, deadlock: 'ignore', ...more, properties: () => properties });
}

/** What the search says, which the twin must say, too. */
async function verdictOf(system: System, options: CheckOptions = {}) {
  const { verdict, property, path, deadEnd, tables, error } = await check(system, options);
  const twin = checkNaively(system);
  expect([verdict, property]).toEqual([twin.verdict, twin.property]);
  const trace = path && traceOf(tables, path);
  if (trace && verdict === 'violated') {
    // Live actors take the same steps, and the run is judged anew.
    const replay = replaySchedule(system, scheduleOf(trace));
    expect(replay.violated).toContain(property);
    expect(replay.unfair).toEqual([]);
  }
  return {
    verdict,
    ...(property !== undefined && { property }),
    ...(error && { code: error.code }),
    ...(trace && { run: runOf(trace), deadEnd }),
  };
}

/** `a b (c d)`: the steps in brackets repeat for ever. `a b stops`: steps are enabled, but nobody has to take them. */
function runOf({ steps, cycleStart, stops }: Trace): string {
  const labels = steps.map(labelOf);
  const [stem, cycle] = [labels.slice(0, cycleStart).join(' '), labels.slice(cycleStart ?? labels.length).join(' ')];
  if (stops) return `${stem} stops`.trimStart();
  return cycle === '' ? stem : `${stem} (${cycle})`.trimStart();
}

const RUN = { type: 'RUN' };
const is = (name: string, value: string) => (view: SystemView) => view.get(name).matches(value as never);

/** Goes round its states, one step each. */
function ring(type: string, ...states: string[]): Actor {
  const entries = states.map((state, at) => [state, { on: { [type]: states[(at + 1) % states.length]! } }]);
  return actor(setup({}).createMachine({ initial: states[0]!, states: Object.fromEntries(entries) }), {
    choices: [{ type }],
  });
}

// --- a lock ---

const lock = setup({}).createMachine({
  initial: 'free',
  states: { free: { on: { ACQUIRE: 'held' } }, held: { on: { RELEASE: 'free' } } },
});
const thread = setup({
  actions: {
    acquire: sendTo(({ system }) => system.get('lock'), { type: 'ACQUIRE' }),
    release: sendTo(({ system }) => system.get('lock'), { type: 'RELEASE' }),
  },
}).createMachine({
  initial: 'waiting',
  states: {
    waiting: { on: { RUN: { target: 'inside', actions: 'acquire' } } },
    inside: { on: { RUN: { target: 'waiting', actions: 'release' } } },
  },
});

function lockOf(fairness: FairnessOf): System {
  const threads = { t0: actor(thread, { choices: [RUN] }), t1: actor(thread, { choices: [RUN] }) };
  return systemOf({ ...threads, lock: actor(lock) }, [eventually('t0 gets the lock', is('t0', 'inside'))], {
    blocking: ['ACQUIRE'],
    fairness,
  });
}

describe('a thread that waits for a lock', () => {
  const starved = { verdict: 'violated', property: 't0 gets the lock', run: '(t1.RUN t1.RUN)', deadEnd: false };

  it('starves under weak fairness: its step is refused in every other state', async () => {
    expect(await verdictOf(lockOf({}))).toEqual(starved);
  });
  it('gets it under strong fairness', async () => {
    expect(await verdictOf(lockOf({ t0: 'strong' }))).toEqual({ verdict: 'holds' });
    expect(await verdictOf(lockOf({ t0: { RUN: 'strong' } }))).toEqual({ verdict: 'holds' });
  });
  it('starves although the other one is treated strongly fair', async () => {
    expect(await verdictOf(lockOf({ t1: 'strong' }))).toEqual(starved);
  });
  it('starves for good when nobody lets it run', async () => {
    expect(await verdictOf(lockOf({ t0: 'none' }))).toEqual(starved);
  });
});

describe('Peterson', () => {
  const withFairness = (fairness: FairnessOf): System => {
    const system = peterson.build(peterson.parameters.parse({}), 'fixed');
    return { ...system, fairness, properties: [eventually('one enters in the end', is('one', 'critical'))] };
  };

  it('lets everybody in that a scheduler lets run', async () => {
    expect(await verdictOf(withFairness({}))).toEqual({ verdict: 'holds' });
  });
  it('lets nobody in that never runs', async () => {
    const { verdict, deadEnd } = await verdictOf(withFairness({ one: 'none' }));
    expect([verdict, deadEnd]).toEqual(['violated', false]);
  });
});

describe('dining philosophers, one of them left-handed', () => {
  const eats = (strength: Fairness): System => {
    const system = diningPhilosophers.build(diningPhilosophers.parameters.parse({ philosophers: 3 }), 'left-handed');
    const fairness = Object.fromEntries([0, 1, 2].map((index) => [`philosopher${index}`, strength]));
    const properties = [0, 1, 2].map((at) =>
      infinitelyOften(`${at} eats again and again`, is(`philosopher${at}`, 'eating')),
    );
    return { ...system, fairness, properties };
  };

  it('may starve although they are let run', async () => {
    expect(await verdictOf(eats('weak'))).toMatchObject({ verdict: 'violated', property: '0 eats again and again' });
  });
  it('all eat when a fork that is free again and again is taken in the end', async () => {
    expect(await verdictOf(eats('strong'))).toEqual({ verdict: 'holds' });
  });
});

// --- a channel that loses messages ---

const client = setup({
  actions: { send: sendTo(({ system }) => system.get('server'), { type: 'PING' }) },
}).createMachine({
  initial: 'asking',
  states: {
    asking: { after: { 10: { actions: 'send', target: 'asking', reenter: true } }, on: { PONG: 'answered' } },
    answered: {},
  },
  on: { PONG: {} },
});
const server = setup({
  actions: { answer: sendTo(({ system }) => system.get('client'), { type: 'PONG' }) },
}).createMachine({ on: { PING: { actions: 'answer' } } });

function lossyOf(fairness: FairnessOf, channel: { lossy?: boolean; duplicating?: boolean } = { lossy: true }): System {
  return systemOf(
    { client: actor(client), server: actor(server) },
    [eventually('an answer comes', is('client', 'answered'))],
    {
      channels: {
        there: { from: ['client'], to: ['server'], order: 'fifo', capacity: 1, whenFull: 'drop', ...channel },
        back: { from: ['server'], to: ['client'], order: 'fifo', capacity: 1, whenFull: 'drop', ...channel },
      },
      fairness,
    },
  );
}

describe('a lossy channel', () => {
  it('may lose whatever is sent again, under weak fairness: nothing is there all the time', async () => {
    expect(await verdictOf(lossyOf({}))).toEqual({
      verdict: 'violated',
      property: 'an answer comes',
      run: '(client.timer after 10 in asking there: PING for server is lost)',
      deadEnd: false,
    });
  });
  it('delivers in the end under strong fairness, for losing is no delivery', async () => {
    expect(await verdictOf(lossyOf({ there: 'strong', back: 'strong' }))).toEqual({ verdict: 'holds' });
    expect(await verdictOf(lossyOf({ there: { PING: 'strong' }, back: { PONG: 'strong' } }))).toEqual({
      verdict: 'holds',
    });
    expect(await verdictOf(lossyOf({ there: 'strong' }))).toMatchObject({ verdict: 'violated' });
  });
  it('delivers by a duplicate, too', async () => {
    // The message stays for ever, so its delivery is enabled for ever, and a run that only duplicates it delivers it.
    const system = lossyOf({}, { duplicating: true });
    const goal = infinitelyOften('nothing is under way', (view) => view.channel('there').length === 0);
    const { verdict, run } = await verdictOf({ ...system, properties: [goal] });
    expect(verdict).toBe('violated');
    expect(run).toContain('and stays');
  });
});

// --- timers ---

const waiter = setup({}).createMachine({
  initial: 'waiting',
  states: { waiting: { after: { 10: 'done' } }, done: {} },
});

describe('a timer', () => {
  const fires = (fairness: FairnessOf): System =>
    systemOf({ waiter: actor(waiter), noise: ring('SING', 'a', 'b') }, [eventually('it fires', is('waiter', 'done'))], {
      fairness,
    });

  it('fires in the end', async () => {
    expect(await verdictOf(fires({}))).toEqual({ verdict: 'holds' });
  });
  it('need not fire where no fairness is asked for', async () => {
    // Nobody has to sing either.
    const never = { verdict: 'violated', property: 'it fires', run: 'stops', deadEnd: false };
    expect(await verdictOf(fires({ waiter: 'none' }))).toEqual(never);
    expect(await verdictOf(fires({ waiter: { 'xstate.after.10.(machine).waiting': 'none' } }))).toEqual(never);
  });
  it('that a machine raises by another name is one, too', async () => {
    const late = setup({}).createMachine({
      entry: raise({ type: 'LATE' }, { delay: 5 }),
      initial: 'waiting',
      states: { waiting: { on: { LATE: 'done' } }, done: {} },
    });
    const system = (fairness: FairnessOf) =>
      systemOf({ late: actor(late), noise: ring('SING', 'a', 'b') }, [eventually('it fires', is('late', 'done'))], {
        fairness,
      });
    expect(await verdictOf(system({}))).toEqual({ verdict: 'holds' });
    expect(await verdictOf(system({ late: { LATE: 'none' } }))).toMatchObject({ verdict: 'violated' });
  });
});

describe('two timers that raise the same event', () => {
  // Whoever hears the first arms it again; only the second leads on.
  const bell = setup({ guards: { second: ({ event }) => (event as { n?: number }).n === 2 } }).createMachine({
    entry: [
      raise({ type: 'RING', n: 1 } as never, { delay: 5, id: 'one' }),
      raise({ type: 'RING', n: 2 } as never, { delay: 5, id: 'two' }),
    ],
    initial: 'waiting',
    states: {
      waiting: {
        on: {
          RING: [
            { guard: 'second', target: 'done' },
            { actions: raise({ type: 'RING', n: 1 } as never, { delay: 5, id: 'one' }) },
          ],
        },
      },
      done: { on: { RING: {} } },
    },
  });
  const system = (fairness: FairnessOf) =>
    systemOf({ bell: actor(bell) }, [eventually('it is done', is('bell', 'done'))], { fairness });

  it('fire each in the end', async () => {
    expect(await verdictOf(system({}))).toEqual({ verdict: 'holds' });
  });
  it('are one where a word is said for the event, or for the whole actor', async () => {
    const rings = { verdict: 'violated', property: 'it is done' };
    expect(await verdictOf(system({ bell: { RING: 'weak' } }))).toMatchObject(rings);
    expect(await verdictOf(system({ bell: 'strong' }))).toMatchObject(rings);
  });
  it('are told apart where a run leaves one out', () => {
    expect(replaySchedule(system({}), ':0').unfair).toEqual(['bell.timer two']);
  });
});

describe('a strongly fair way out', () => {
  const machine = setup({}).createMachine({
    initial: 'a',
    states: {
      a: { on: { GO: 'b' } },
      b: { on: { GO: 'a', ON: 'c' } },
      c: { on: { GO: 'b', ON: 'd', OUT: 'out' } },
      d: { on: { GO: 'c', UP: 'out' } },
      out: {},
    },
  });
  const choices = ['GO', 'ON', 'OUT', 'UP'].map((type) => ({ type }));
  // Without the weak fairness of GO, which no cycle here is unfair to, nobody would have to go on.
  const system = (fairness: Record<string, Fairness>) =>
    systemOf({ one: actor(machine, { choices: choices as never }) }, [eventually('it leaves', is('one', 'out'))], {
      fairness: { one: { GO: 'weak', ...fairness } },
    });

  it('is kept clear of', async () => {
    expect(await verdictOf(system({ OUT: 'strong', GO: 'none' }))).toMatchObject({ verdict: 'violated', run: 'stops' });
    expect(await verdictOf(system({ OUT: 'strong' }))).toMatchObject({ verdict: 'violated', run: '(one.GO one.GO)' });
    expect(await verdictOf(system({ OUT: 'strong', UP: 'strong' }))).toMatchObject({ run: '(one.GO one.GO)' });
  });
  it('is taken where what leads to it is taken in the end', async () => {
    expect(await verdictOf(system({ OUT: 'strong', ON: 'strong' }))).toEqual({ verdict: 'holds' });
    expect(await verdictOf(system({ UP: 'strong', ON: 'strong' }))).toMatchObject({ run: 'one.GO (one.ON one.GO)' });
  });
});

describe('what is treated fairly', () => {
  it('is nothing when a device may start something or not', async () => {
    const system = (fairness: FairnessOf) =>
      systemOf(
        { device: ring('DMA', 'idle', 'busy'), noise: ring('RUN', 'a', 'b') },
        [eventually('the device starts', is('device', 'busy'))],
        { fairness },
      );
    expect(await verdictOf(system({}))).toMatchObject({ verdict: 'violated', run: '(noise.RUN noise.RUN)' });
    expect(await verdictOf(system({ device: 'weak' }))).toEqual({ verdict: 'holds' });
  });

  it('is an actor as one, or each type of its choices', async () => {
    const machine = setup({}).createMachine({
      initial: 'start',
      states: { start: { on: { GO: { target: 'start', reenter: true }, LEAVE: 'left' } }, left: {} },
    });
    const system = (fairness: Fairness | Record<string, Fairness>) =>
      systemOf(
        { one: actor(machine, { choices: [{ type: 'GO' }, { type: 'LEAVE' }] as never }) },
        [eventually('it leaves', is('one', 'left'))],
        { fairness: { one: fairness } },
      );
    // A step back into the same state takes what it takes.
    expect(await verdictOf(system('strong'))).toMatchObject({ verdict: 'violated', run: '(one.GO)' });
    expect(await verdictOf(system({ LEAVE: 'weak' }))).toEqual({ verdict: 'holds' });
    expect(await verdictOf(system({ GO: 'weak' }))).toMatchObject({ verdict: 'violated' });
  });

  it('is each message of a channel for itself', async () => {
    // A bag with a message that comes again and again, and one that stays.
    const sender = setup({
      actions: {
        one: sendTo(({ system }) => system.get('receiver'), { type: 'PAGE', page: 1 } as EventObject),
        two: sendTo(({ system }) => system.get('receiver'), { type: 'PAGE', page: 2 } as EventObject),
      },
    }).createMachine({ entry: 'two', on: { RUN: { actions: 'one' } } });
    const receiver = setup({}).createMachine({
      context: { seen: false },
      on: {
        PAGE: [{ guard: ({ event }) => event.page === 2, actions: assign({ seen: true }) }, { actions: assign({}) }],
      },
    });
    const system = systemOf(
      { sender: actor(sender, { choices: [RUN] as never }), receiver: actor(receiver) },
      [eventually('page 2 arrives', (view) => view.get('receiver').context.seen)],
      { channels: { bag: { to: ['receiver'], order: 'unordered', capacity: 2, whenFull: 'drop' } } },
    );
    expect(await verdictOf(system)).toEqual({ verdict: 'holds' });
    expect(await verdictOf({ ...system, fairness: { bag: 'none' } })).toMatchObject({ verdict: 'violated' });
  });
});

describe('a run that ends', () => {
  const stops = setup({}).createMachine({
    initial: 'a',
    states: { a: { on: { RUN: 'b' } }, b: { on: { RUN: 'c' } }, c: {} },
  });
  const system = (...properties: Property[]) =>
    systemOf({ one: actor(stops, { choices: [RUN] as never }) }, properties);

  it('violates what its last state does not satisfy', async () => {
    expect(await verdictOf(system(infinitelyOften('b again and again', is('one', 'b'))))).toEqual({
      verdict: 'violated',
      property: 'b again and again',
      run: 'one.RUN one.RUN',
      deadEnd: true,
    });
    expect(await verdictOf(system(leadsTo('b, then a', is('one', 'b'), is('one', 'a'))))).toMatchObject({
      deadEnd: true,
    });
    expect(await verdictOf(system(eventually('d', () => false)))).toMatchObject({ deadEnd: true });
  });
  it('satisfies the others', async () => {
    expect(
      await verdictOf(
        system(
          eventually('b', is('one', 'b')),
          infinitelyOften('c in the end', is('one', 'c')),
          leadsTo('b leads to itself', is('one', 'b'), is('one', 'b')),
          leadsTo('b leads to c', is('one', 'b'), is('one', 'c')),
          leadsTo(
            'never triggered',
            () => false,
            () => false,
          ),
        ),
      ),
    ).toEqual({ verdict: 'holds' });
  });
});

describe('leadsTo', () => {
  it('goes through its trigger, and may come to it again', async () => {
    const system = systemOf({ one: ring('RUN', 'a', 'b', 'c'), two: ring('GO', 'x', 'y') }, [
      leadsTo('c leads to y', is('one', 'c'), is('two', 'y')),
    ]);
    // The trigger lies on the cycle: the run is as short as the way round.
    expect(await verdictOf(system)).toMatchObject({
      verdict: 'violated',
      run: 'one.RUN one.RUN (one.RUN one.RUN one.RUN)',
    });
  });
});

describe('hot states of a monitor', () => {
  const asks = (every: string) =>
    monitor(
      'what is asked is answered',
      setup({}).createMachine({
        initial: 'calm',
        states: { calm: { on: { ASK: 'waiting' } }, waiting: { tags: 'hot', on: { [every]: 'calm' } } },
      }),
    );
  const system = (answer: string) =>
    systemOf(
      {
        one: ring('ASK', 'a', 'b'),
        two: ring('RUN', 'x', 'y'),
        // Knows the answer that never comes.
        mute: actor(setup({}).createMachine({ on: { NEVER: {} } })),
      },
      [asks(answer)],
    );

  it('may not be stayed in for ever', async () => {
    expect(await verdictOf(system('NEVER'))).toEqual({
      verdict: 'violated',
      property: 'what is asked is answered',
      run: 'one.ASK (two.RUN two.RUN)',
      deadEnd: false,
    });
  });
  it('may be come back to', async () => {
    expect(await verdictOf(system('RUN'))).toEqual({ verdict: 'holds' });
  });
});

describe('a search with properties of progress', () => {
  const violated = () => lockOf({});

  it('tells the first one that is violated, after what is wrong with states', async () => {
    const system = violated();
    const properties = [
      eventually('t1 runs', is('t1', 'inside')),
      eventually('t0 gets in', is('t0', 'inside')),
      infinitelyOften('t0 gets in again', is('t0', 'inside')),
    ];
    const result = await check({ ...system, properties });
    expect(result.properties.map(({ status }) => status)).toEqual(['violated', 'not-looked-at', 'not-looked-at']);
    const broken: Property = { kind: 'always', name: 'nobody gets in', holds: (view) => is('lock', 'free')(view) };
    const worse = await check({ ...system, properties: [...properties, broken] });
    expect([worse.property, worse.path?.steps.length]).toEqual(['nobody gets in', 1]);
    const nothing: Property = { kind: 'reachable', name: 'both get in', witness: () => false };
    const vacuous = await check({ ...system, properties: [nothing, ...properties] });
    expect([vacuous.property, vacuous.properties[0]]).toEqual([
      't1 runs',
      { name: 'both get in', kind: 'reachable', status: 'violated' },
    ]);
  });

  it('says so when a property of progress cannot be evaluated, and where', async () => {
    const system = violated();
    const fails = (view: SystemView) => {
      if (is('t0', 'inside')(view)) throw new Error('oh');
      return false;
    };
    for (const search of ['breadth-first', 'depth-first'] as const) {
      const { verdict, error, path } = await check(
        { ...system, properties: [infinitelyOften('no', fails)] },
        { search },
      );
      expect([verdict, error?.code, path?.steps.length]).toEqual(['model-error', 'exception', 1]);
    }
  });

  it('refuses fairness of what never starts a step', async () => {
    const refused = async (fairness: FairnessOf) => {
      const error = await check(lockOf(fairness)).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ModelError);
      return (error as ModelError).message;
    };
    expect(await refused({ lock: 'weak' })).toBe(
      'fairness of "lock" is weak, but it has no choices, and no timer of it is ever armed',
    );
    expect(await refused({ lock: { ACQUIRE: 'strong' } })).toBe(
      'fairness of "lock" names ACQUIRE, but it has no choice of that type, and no such timer is ever armed',
    );
    expect(() => lockOf({ t0: { RNU: 'weak' } })).toThrow(
      'fairness of "t0" names the event type RNU, which it does not have',
    );
    expect(() => lossyOf({ there: { PIN: 'weak' } })).toThrow('names the event type PIN');
  });

  it('does without symmetry, and says why', async () => {
    const system = { ...violated(), symmetry: [[['t0'], ['t1']]] };
    const { reductions } = await check({ ...system, properties: [infinitelyOften('someone', is('lock', 'held'))] });
    expect(reductions).toMatchObject([{ used: false, reason: 'progress' }]);
  });

  it('is undecided where no graph is kept', async () => {
    const { verdict, bound, properties } = await check(violated(), { store: 'hash-compact' });
    expect([verdict, bound, properties[0]?.status]).toEqual(['unknown', 'cycles', 'not-looked-at']);
  });

  it('keeps to its bounds while it looks for cycles', async () => {
    const base = diningPhilosophers.build(diningPhilosophers.parameters.parse({ philosophers: 8 }), 'left-handed');
    const system = { ...base, properties: [...base.properties, infinitelyOften('never', () => false)] };
    // Time passes by looking at the clock, so there is a turn whenever there can be one.
    let now = 0;
    const clock = () => {
      now += 60;
      return now;
    };
    const stop = new AbortController();
    const stopped = await check(system, {
      clock,
      signal: stop.signal,
      onProgress: ({ phase, waiting }) => {
        if (phase !== 'cycles') return;
        expect(waiting).toBeGreaterThan(0);
        stop.abort();
      },
    });
    expect([stopped.verdict, stopped.bound]).toEqual(['unknown', 'interrupted']);
    const statuses = Object.fromEntries(stopped.properties.map(({ name, status }) => [name, status]));
    expect(statuses).toMatchObject({
      never: 'not-looked-at',
      'a philosopher eats': 'witnessed',
      'no deadlock': 'holds',
    });

    const { bytesPerState, states } = await check(base);
    const small = await check(system, { maxBytes: bytesPerState * states * 1.05 });
    expect([small.verdict, small.bound, small.properties.at(-1)?.name]).toEqual(['unknown', 'memory', 'no deadlock']);
  });

  it('is the same with depth-first search, and its runs can be stored', async () => {
    const system = violated();
    const { path, tables } = await check(system, { search: 'depth-first' });
    const trace = traceOf(tables, path!);
    const stored = JSON.parse(JSON.stringify(trace)) as typeof trace;
    expect(replayTrace(system, stored)).toMatchObject({ violated: ['t0 gets the lock'], unfair: [] });
    expect(scheduleOf(stored)).toBe(scheduleOf(trace));
  });
});
