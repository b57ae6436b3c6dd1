/**
 * XState is the only semantics. (a) One actor: the stepper gives what XState's public pure functions give. (b) Whole
 * systems: a schedule leads through the tables where it leads live actors.
 */
import { describe, expect, it } from 'vitest';
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  and,
  assign,
  cancel,
  createMachine,
  type EventObject,
  enqueueActions,
  initialTransition,
  log,
  not,
  raise,
  sendTo,
  setup,
  stateIn,
  transition,
} from 'xstate';
import { check } from '../../src/explore/check.ts';
import type { System } from '../../src/system/system.ts';
import { inertAddresses, type LocalState, type Reaction, Stepper } from '../../src/tabulate/stepper.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import { scheduleOf, traceOf } from '../../src/trace/trace.ts';
import fc from '../fast-check.ts';
import { randomSchedule } from '../random-schedule.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';
import { seedOr } from '../seed.ts';
import { swept, sweptFaults } from '../sweep.ts';

/** A send, of a type that fits into every machine. */
const tell = (type: string, payload: object = {}) =>
  sendTo(
    ({ system }) => system.get('peer'),
    () => ({ type, ...payload }),
  ) as never;

const machines: Record<string, AnyStateMachine> = {
  'nested states': createMachine({
    initial: 'closed',
    entry: tell('ENTER_ROOT'),
    states: {
      closed: { entry: tell('ENTER_CLOSED'), exit: tell('EXIT_CLOSED'), on: { A: 'open.reading' } },
      open: {
        initial: 'idle',
        entry: tell('ENTER_OPEN'),
        exit: tell('EXIT_OPEN'),
        on: { B: 'closed', C: { target: 'open', reenter: true }, D: '.idle' },
        states: {
          idle: { exit: tell('EXIT_IDLE'), on: { A: 'reading', B: {} } },
          reading: { entry: tell('ENTER_READING'), exit: tell('EXIT_READING'), on: { D: { actions: tell('STAY') } } },
        },
      },
    },
  }),
  'parallel states': createMachine({
    type: 'parallel',
    states: {
      left: {
        initial: 'a',
        states: { a: { on: { A: 'b', C: 'b' } }, b: { exit: tell('LEFT'), on: { B: 'a', C: 'a' } } },
      },
      right: {
        initial: 'x',
        states: {
          x: { on: { C: { target: 'y', guard: stateIn({ left: 'a' }) } } },
          y: { entry: tell('RIGHT'), on: { A: 'x', D: { target: 'x', actions: raise({ type: 'A' }) } } },
        },
      },
    },
  }),
  'shallow and deep history': createMachine({
    initial: 'on',
    states: {
      on: {
        initial: 'one',
        states: {
          one: { initial: 'p', states: { p: { on: { A: 'q' } }, q: { on: { A: 'p' } } }, on: { B: 'two' } },
          two: { on: { B: 'one' } },
          shallow: { type: 'history' },
          deep: { type: 'history', history: 'deep', target: 'two' },
        },
        on: { C: 'off' },
      },
      off: { on: { C: 'on.shallow', D: 'on.deep', A: 'on' } },
    },
  }),
  'always and guards': setup({
    guards: { three: ({ context }) => context.n === 3, even: ({ context }) => context.n % 2 === 0 },
    actions: { count: assign({ n: ({ context }) => (context.n + 1) % 7 }) },
    types: { context: {} as { n: number } },
  }).createMachine({
    context: { n: 0 },
    initial: 'counting',
    states: {
      counting: {
        always: { guard: 'three', target: 'three', actions: tell('THREE') },
        on: { A: { actions: 'count' }, B: { guard: not('even'), actions: ['count', 'count'] } },
      },
      three: {
        always: { guard: and([not('three'), not('even')]), target: 'counting' },
        on: { A: { actions: 'count' } },
      },
    },
  }),
  'raised events': createMachine({
    context: { log: [] as string[] },
    initial: 'a',
    states: {
      a: { on: { A: { target: 'b', actions: [raise({ type: 'B' }), raise({ type: 'C' })] } } },
      b: { entry: raise({ type: 'D' }), on: { B: 'c', A: 'a' } },
      c: { on: { C: { actions: tell('C_IN_C') }, D: { target: 'd', actions: tell('D_IN_C') } } },
      d: { on: { A: 'a', D: { actions: raise({ type: 'C' }) }, C: 'b' } },
    },
  }),
  'timers and cancel': createMachine({
    initial: 'idle',
    states: {
      idle: { on: { A: 'armed', B: { actions: raise({ type: 'D' }, { delay: 50, id: 'late' }) } } },
      armed: {
        after: { 100: 'idle', 200: { actions: tell('SECOND') } },
        on: { B: { actions: cancel('late') }, A: { target: 'armed', reenter: true }, C: { actions: cancel('none') } },
      },
    },
    on: { D: { actions: tell('LATE') } },
  }),
  'enqueued actions': setup({ types: { context: {} as { credits: number } } }).createMachine({
    context: { credits: 2 },
    on: {
      A: {
        actions: enqueueActions(({ context, enqueue, check }) => {
          if (context.credits > 0) {
            enqueue.assign({ credits: context.credits - 1 });
            enqueue(tell('USED', { left: context.credits - 1 }));
          } else {
            enqueue.raise({ type: 'B' });
          }
          if (check(({ context: now }) => now.credits === 1)) enqueue(tell('LAST'));
        }),
      },
      B: { actions: [assign({ credits: 2 }), tell('REFILLED'), log('refilled')] },
    },
  }),
  'final states': createMachine({
    initial: 'working',
    exit: tell('EXIT_ROOT'),
    states: {
      working: {
        initial: 'first',
        states: { first: { on: { A: 'done' } }, done: { type: 'final', entry: tell('PART') } },
        onDone: { target: 'resting', actions: tell('WHOLE') },
      },
      resting: { on: { B: 'working', A: 'over' } },
      over: { type: 'final', entry: tell('OVER') },
    },
    output: { code: 1 },
  }),
  'a parallel state that ends': createMachine({
    initial: 'both',
    states: {
      both: {
        type: 'parallel',
        states: {
          l: { initial: 'go', states: { go: { on: { A: 'end' } }, end: { type: 'final' } } },
          r: { initial: 'go', states: { go: { on: { B: 'end' } }, end: { type: 'final' } } },
        },
        onDone: 'after',
      },
      after: { on: { A: 'both' } },
    },
  }),
  'messages that carry the context': setup({
    types: { context: {} as { pages: Record<string, string>; last: string | null } },
  }).createMachine({
    context: ({ input }) => ({ pages: { p0: 'free', p1: 'free' }, last: (input as string | undefined) ?? null }),
    on: {
      A: {
        actions: [
          assign({ pages: ({ context }) => ({ ...context.pages, p0: context.pages.p0 === 'free' ? 'used' : 'free' }) }),
          sendTo(
            ({ system }) => system.get('peer'),
            ({ context }) => ({ type: 'PAGES', pages: context.pages }),
          ),
          assign({ last: ({ event }) => event.type }),
        ],
      },
      '*': { actions: assign({ last: ({ event }) => `other ${event.type}` }) },
    },
  }),
} as never;

const EVENTS: readonly EventObject[] = ['A', 'B', 'C', 'D'].map((type) => ({ type }));

/** A reaction as XState's public functions can show it: they have a system of their own, so receivers are left out. */
function publicly(snapshot: AnyMachineSnapshot, actions: readonly { type: string; params?: unknown }[]) {
  const { value, context, status, output } = snapshot;
  const sends = actions.filter(({ type }) => type === 'xstate.sendTo').map(({ params }) => (params as Sent).event);
  return { value, context, status, output, sends };
}

interface Sent {
  event: EventObject;
}

function ours({ next: { snapshot }, sends }: Reaction) {
  const { value, context, status, output } = snapshot;
  return { value, context, status, output, sends: sends.map(({ event }) => event) };
}

describe("a stepper agrees with XState's pure functions", () => {
  const addresses = inertAddresses(['subject', 'peer']);

  it.each(Object.entries(machines))('on %s', (_, machine) => {
    const stepper = new Stepper('subject', machine, undefined, addresses);
    const start = stepper.initial();
    const [snapshot, actions] = initialTransition(machine) as [AnyMachineSnapshot, { type: string }[]];
    expect(ours(start)).toEqual(publicly(snapshot, actions));

    // All local states there are, each beside the snapshot that XState made of the same events.
    const found: { local: LocalState; snapshot: AnyMachineSnapshot }[] = [{ local: start.next, snapshot }];
    const known = new Set([start.next.key]);
    for (const { local, snapshot } of found) {
      const timers = local.timers.map((timer) => ({ event: timer.event, react: () => stepper.fire(local, timer) }));
      const events = EVENTS.map((event) => ({ event, react: () => stepper.react(local, event) }));
      for (const event of EVENTS) expect(stepper.chooses(local, event)).toBe(snapshot.can(event));
      for (const { event, react } of [...timers, ...events]) {
        const reaction = react();
        const [next, effects] = transition(machine, snapshot, event) as [AnyMachineSnapshot, { type: string }[]];
        if (!reaction) {
          // XState's answer to a message without a transition is: nothing.
          if (snapshot.status === 'active') expect(publicly(next, effects)).toEqual(publicly(snapshot, []));
          continue;
        }
        expect(ours(reaction)).toEqual(publicly(next, effects));
        if (known.has(reaction.next.key)) continue;
        known.add(reaction.next.key);
        found.push({ local: reaction.next, snapshot: next });
      }
    }
    expect(found.length).toBeGreaterThan(2);
    expect(found.length).toBeLessThan(200);
  });

  it('about the timers that are armed', () => {
    const stepper = new Stepper('subject', machines['timers and cancel']!, undefined, addresses);
    const take = (local: LocalState, type: string) => stepper.react(local, { type })!.next;
    const ids = (local: LocalState) => local.timers.map(({ id }) => id);
    const idle = take(stepper.initial().next, 'B');
    expect(ids(idle)).toEqual(['late']);
    const armed = take(idle, 'A');
    expect(ids(armed)).toEqual(['late', 'xstate.after.100.(machine).armed', 'xstate.after.200.(machine).armed']);
    expect(ids(take(armed, 'A'))).toEqual(ids(armed));
    expect(ids(take(armed, 'B'))).toEqual(ids(armed).slice(1));
    const fired = stepper.fire(armed, armed.timers[1]!);
    expect(fired.next.snapshot.value).toBe('idle');
    expect(ids(fired.next)).toEqual(['late']);
    const second = stepper.fire(armed, armed.timers[2]!);
    expect(second.sends.map(({ event }) => event.type)).toEqual(['SECOND']);
    expect(ids(second.next)).toEqual(['late', 'xstate.after.100.(machine).armed']);
  });
});

describe('a schedule leads through the tables where it leads live actors', () => {
  const variants = swept.map(
    ({ scenario, variant }) => [`${scenario.name} --variant ${variant}`, scenario, variant] as const,
  );

  it.each(variants)('in %s', (_, scenario, variant) => {
    const system = scenario.build(scenario.parameters.parse({}), variant);
    const walks = fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
      const draw = (below: number) => numbers.next().value % below;
      // It compares every state and every message on the way, and throws where they differ.
      replaySchedule(system, randomSchedule(system, 40, draw));
    });
    fc.assert(walks, { numRuns: 6, seed: seedOr(20) });
  });

  it('in random systems', () => {
    let steps = 0;
    const walks = fc.property(systemSpecs, fc.infiniteStream(fc.nat()), (spec, numbers) => {
      const system = buildSystem(spec);
      const draw = (below: number) => numbers.next().value % below;
      let schedule: string;
      try {
        schedule = randomSchedule(system, 30, draw);
      } catch {
        return; // cannot even be started
      }
      try {
        steps += replaySchedule(system, schedule).trace.steps.length;
      } catch (error) {
        // The last number may be that of a step that is not enabled.
        if (!(error instanceof Error && error.name === 'ReplayError')) throw error;
      }
    });
    fc.assert(walks, { numRuns: 300, seed: seedOr(21) });
    expect(steps).toBeGreaterThan(1000);
  });
});

describe('what a search finds, its schedule shows again on live actors', async () => {
  const variants = sweptFaults.map(
    ({ scenario, variant }) => [`${scenario.name} --variant ${variant}`, scenario, variant] as const,
  );

  /** Whether there was something to show. */
  async function isShownAgain(system: System, maxStates: number): Promise<boolean> {
    const found = await check(system, { maxStates });
    if (!found.path) return false;
    const trace = traceOf(found.tables, found.path);
    // Tables of their own, in which everything has another number.
    const replay = replaySchedule(system, scheduleOf(trace));
    expect(replay.trace).toEqual(trace);
    if (found.error && found.path.failed) expect(replay.error?.code).toBe(found.error.code);
    if (found.property !== undefined) expect(replay.violated).toContain(found.property);
    return true;
  }

  it.each(variants)('in %s', async (_, scenario, variant) => {
    await isShownAgain(scenario.build(scenario.parameters.parse({}), variant), 100_000);
  });

  it('in random systems', async () => {
    let shown = 0;
    const searches = fc.asyncProperty(systemSpecs, async (spec) => {
      if (await isShownAgain(buildSystem(spec), 300)) shown++;
    });
    await fc.assert(searches, { numRuns: 300, seed: seedOr(22) });
    expect(shown).toBeGreaterThan(50);
  });
});
