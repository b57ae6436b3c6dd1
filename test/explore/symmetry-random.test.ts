/**
 * Random systems of a few alike clients with a partner each, and servers: the reduced search against the naive twin, which
 * knows nothing of tables or renamings.
 *
 * `FAULTLINE_SYMMETRIC_SYSTEMS` sets how many, `FAULTLINE_SEED` which ones.
 */
import { describe, expect, it } from 'vitest';
import { assign, type EventObject, enqueueActions, setup } from 'xstate';
import { check } from '../../src/explore/check.ts';
import type { Property } from '../../src/system/property.ts';
import { type Actor, actor, type Channel, defineSystem, type System } from '../../src/system/system.ts';
import { fastEngine, type Outcome } from '../engines.ts';
import fc from '../fast-check.ts';
import { checkNaively } from '../naive-checker.ts';
import { SEED } from '../seed.ts';
import { COMBINATIONS, expectPath, naiveOutcome, outcomeOf, searchReduced } from './reduced.ts';
import { type Explored, expectRealPath, explore, statesInOrbits } from './symmetry-search.ts';

const MESSAGES = ['M0', 'M1', 'M2'] as const;
const STATES = 3;

/** To whom a send goes; a server knows its clients by what they sent, or by their names. */
type Whom = 'server' | 'partner' | 'sender' | 'held' | 'first held' | 'everybody' | 'nobody';
interface ActionSpec {
  do: 'send' | 'hold' | 'hold sorted' | 'drop' | 'count' | 'none';
  whom: Whom;
  message: number;
}
interface TransitionSpec {
  on: string;
  /** Only if the counter is this. */
  count: number | null;
  target: number | null;
  actions: ActionSpec[];
}
type MachineSpec = TransitionSpec[][];
interface Spec {
  clients: number;
  client: MachineSpec;
  partner: MachineSpec | null;
  server: MachineSpec;
  partnerChooses: boolean;
  timers: boolean;
  channel: {
    between: 'clients and server' | 'each' | 'server and clients';
    order: 'fifo' | 'unordered' | 'set';
    capacity: number;
    lossy: boolean;
  } | null;
  blocking: number[];
  properties: { kind: 'always' | 'reachable' | 'happens' | 'monitor'; actor: number; state: number; message: number }[];
  deadlock: 'violation' | 'ignore';
}

const action: fc.Arbitrary<ActionSpec> = fc.record({
  do: fc.constantFrom<ActionSpec['do'][]>('send', 'send', 'send', 'hold', 'hold sorted', 'drop', 'count', 'none'),
  whom: fc.constantFrom<Whom[]>('server', 'server', 'partner', 'sender', 'held', 'first held', 'everybody', 'nobody'),
  message: fc.nat({ max: MESSAGES.length - 1 }),
});
const target = fc.option(fc.nat({ max: STATES - 1 }), { freq: 5 });
const machine: fc.Arbitrary<MachineSpec> = fc.array(
  fc
    .tuple(
      // The first one leaves the state by itself and says something, so that something happens.
      fc.record({
        on: fc.constantFrom('GO', 'GO', 'GO', 'M0'),
        count: fc.constant(null),
        target: fc.nat({ max: STATES - 1 }),
        actions: fc.tuple(
          fc.record({
            do: fc.constant('send' as const),
            whom: fc.constantFrom<Whom[]>('server', 'server', 'server', 'partner', 'everybody', 'held'),
            message: fc.nat({ max: MESSAGES.length - 1 }),
          }),
          action,
        ),
      }),
      fc.array(
        fc.record({
          on: fc.constantFrom('GO', ...MESSAGES, ...MESSAGES),
          count: fc.option(fc.nat({ max: 1 }), { freq: 2 }),
          target,
          actions: fc.array(action, { minLength: 1, maxLength: 3 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    )
    .map(([first, rest]): TransitionSpec[] => [first, ...rest]),
  { minLength: STATES, maxLength: STATES },
);
const specs: fc.Arbitrary<Spec> = fc.record({
  clients: fc.constantFrom(2, 2, 3),
  client: machine,
  partner: fc.option(machine, { freq: 1 }),
  server: machine,
  partnerChooses: fc.boolean(),
  timers: fc.nat({ max: 4 }).map((n) => n === 0),
  channel: fc.option(
    fc.record({
      between: fc.constantFrom('clients and server' as const, 'each' as const, 'server and clients' as const),
      order: fc.constantFrom('fifo' as const, 'unordered' as const, 'set' as const),
      capacity: fc.integer({ min: 1, max: 3 }),
      lossy: fc.boolean(),
    }),
  ),
  blocking: fc.uniqueArray(fc.nat({ max: MESSAGES.length - 1 }), { maxLength: 2 }),
  properties: fc.array(
    fc.record({
      kind: fc.constantFrom('always' as const, 'reachable' as const, 'happens' as const, 'monitor' as const),
      actor: fc.nat({ max: 2 }),
      state: fc.integer({ min: 1, max: STATES - 1 }),
      message: fc.nat({ max: MESSAGES.length - 1 }),
    }),
    { maxLength: 2 },
  ),
  deadlock: fc.constantFrom('violation' as const, 'ignore' as const, 'ignore' as const),
});

interface Context {
  name: string;
  partner: string;
  clients: readonly string[];
  held: readonly string[];
  n: number;
}
type Message = EventObject & { by?: string };
type Args = { context: Context; event: Message };
const loose = setup as unknown as (parts: object) => { createMachine(config: object): Actor['machine'] };

function receivers({ context, event }: Args, whom: Whom): readonly string[] {
  switch (whom) {
    case 'server':
      return context.name === 'server' ? [] : ['server'];
    case 'partner':
      return context.partner === '' ? [] : [context.partner];
    case 'sender':
      return event.by === undefined ? [] : [event.by];
    case 'held':
      return context.held.slice(-1);
    case 'first held':
      return context.held.slice(0, 1);
    case 'everybody':
      return context.clients;
    case 'nobody':
      return [];
  }
}

function buildMachine(spec: MachineSpec, timers: boolean): Actor['machine'] {
  const actions: Record<string, unknown> = {};
  const named = ({ do: what, whom, message: at }: ActionSpec) => {
    const label = `${what} ${whom} ${at}`;
    const held = (change: (args: Args) => readonly string[]) =>
      assign(change && ((args: Args) => ({ held: change(args) })));
    const implementations = {
      send: enqueueActions((args) => {
        const { context, event, enqueue } = args as unknown as Args & typeof args;
        const message = { type: MESSAGES[at]!, by: context.name };
        for (const to of receivers({ context, event }, whom)) enqueue.sendTo(({ system }) => system.get(to), message);
      }),
      // In the order of arrival, or in the order of names as some machines keep what is a set.
      hold: held(({ context, event }) =>
        event.by ? [...new Set([...context.held, event.by])].slice(0, 2) : context.held,
      ),
      'hold sorted': held(({ context, event }) =>
        event.by ? [...new Set([...context.held, event.by])].sort() : context.held,
      ),
      drop: held(({ context }) => context.held.slice(1)),
      count: assign({ n: ({ context }: Args) => 1 - context.n }),
      none: () => {},
    };
    actions[label] = implementations[what];
    return label;
  };
  const guards = Object.fromEntries([0, 1].map((n) => [`count is ${n}`, ({ context }: Args) => context.n === n]));
  const states = spec.map((transitions, at) => {
    const on: Record<string, object[]> = {};
    for (const { on: type, count, target, actions: list } of transitions) {
      on[type] ??= [];
      on[type].push({
        ...(count !== null && { guard: `count is ${count}` }),
        ...(target !== null && { target: `s${target}` }),
        actions: list.map(named),
      });
    }
    return [`s${at}`, { on, ...(timers && at === 1 && { after: { 5: 's2' } }) }];
  });
  // What no state takes is ignored, or there would be hardly anything but errors.
  const fallback = Object.fromEntries(MESSAGES.slice(0, 2).map((type) => [type, {}]));
  return loose({ actions, guards }).createMachine({
    context: ({ input }: { input: Context }) => input,
    initial: 's0',
    on: fallback,
    // Nothing leads to `nowhere`: so the machine knows all messages.
    states: {
      ...Object.fromEntries(states),
      nowhere: { on: Object.fromEntries([...MESSAGES, 'GO'].map((type) => [type, {}])) },
    },
  });
}

function buildSystem(spec: Spec): System {
  const indices = Array.from({ length: spec.clients }, (_, index) => index);
  const clients = indices.map((index) => `c${index}`);
  const machines = [spec.client, spec.partner, spec.server].map((part) => part && buildMachine(part, spec.timers));
  const [client, partner, server] = machines;
  const inputOf = (name: string, friend = '', known: readonly string[] = []): Context => {
    return { name, partner: friend, clients: known, held: [], n: 0 };
  };
  const go = [{ type: 'GO' }];
  const make = (machine: Actor['machine'], input: Context, choices: { type: string }[]) =>
    actor(machine, { input, choices, rest: ['s0', 's1'] } as never) as Actor;
  const actors: Record<string, Actor> = {};
  clients.forEach((name, index) => {
    actors[name] = make(client!, inputOf(name, partner ? `p${index}-of-${name}` : ''), go);
    if (partner) {
      const friend = `p${index}-of-${name}`;
      actors[friend] = make(partner, inputOf(friend, name), spec.partnerChooses ? go : []);
    }
  });
  actors.server = make(server!, inputOf('server', '', clients), go);
  const channels: Record<string, Channel> = {};
  if (spec.channel) {
    const { between, ...drawn } = spec.channel;
    const rest = { ...drawn, ...(drawn.order === 'set' && { capacity: Number.POSITIVE_INFINITY }) };
    if (between === 'each')
      for (const name of clients) channels[`from-${name}`] = { from: [name], to: ['server'], ...rest };
    else if (between === 'server and clients') channels.down = { from: ['server'], to: clients, ...rest };
    else channels.up = { from: clients, to: ['server'], ...rest };
  }
  return defineSystem({
    actors,
    channels: channels as never,
    blocking: spec.blocking.map((at) => MESSAGES[at]!),
    deadlock: spec.deadlock,
    properties: () => spec.properties.map((property, at) => buildProperty(`property ${at}`, property, clients)),
    symmetry: [indices.map((index) => (partner ? [`c${index}`, `p${index}`] : [`c${index}`]))],
  });
}

/** `check` finds with symmetry what it finds without, and keeps the same representatives as the search in a page. */
async function expectSameByCheck(system: System, reduced: Outcome, byHand: Explored): Promise<void> {
  const full = await fastEngine.run(system, { symmetry: false });
  const whatIsFound = ({ verdict, property, depth, length, code }: Outcome) => ({
    ...{ verdict, property, depth, length, code },
  });
  expect(whatIsFound(reduced)).toEqual(whatIsFound(full));
  if (full.length === undefined) {
    expect([reduced.states, reduced.steps]).toEqual([byHand.states, byHand.steps]);
    return;
  }
  const { tables, path } = await check(system);
  expectRealPath({ tables }, path!);
}

function buildProperty(name: string, spec: Spec['properties'][number], clients: readonly string[]): Property {
  const one = clients[spec.actor % clients.length]!;
  const isThere = (view: { get(name: string): { matches(value: never): boolean } }) =>
    view.get(one).matches(`s${spec.state}` as never);
  switch (spec.kind) {
    case 'always':
      return { kind: 'always', name, holds: (view) => !(isThere(view) && view.get('server').matches('s2' as never)) };
    case 'reachable':
      return { kind: 'reachable', name, witness: isThere };
    case 'happens':
      return { kind: 'happens', name, message: { type: MESSAGES[spec.message]!, to: one } };
    case 'monitor': {
      const twice = setup({
        types: { context: {} as { last: string }, events: {} as { type: string; to: string } },
        guards: { isAgain: ({ context, event }) => context.last === event.to },
        actions: { note: assign({ last: ({ event }) => event.to }) },
      }).createMachine({
        context: { last: '' },
        initial: 'fine',
        states: {
          fine: { on: { [MESSAGES[spec.message]!]: [{ guard: 'isAgain', target: 'again' }, { actions: 'note' }] } },
          // With an obligation no search makes use of symmetry.
          again: { tags: spec.state === 1 ? 'violation' : [] },
        },
      });
      return { kind: 'monitor', name, machine: twice };
    }
  }
}

describe('the reduced search agrees with the naive twin', () => {
  const runs = Number(process.env.FAULTLINE_SYMMETRIC_SYSTEMS ?? 300);
  const maxStates = 1500;

  it(`on ${runs} random systems, FAULTLINE_SEED=${SEED}`, { timeout: 60_000 + runs * 400 }, async () => {
    const kinds = new Map<string, number>();
    const seen = (kind: string) => kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(specs, async (spec) => {
        const system = buildSystem(spec);
        const twin = checkNaively(system, { maxStates });
        if (twin.verdict === 'unknown') return void seen('unknown');
        const reduced = explore(system, { symmetry: true });
        const checked = await fastEngine.run(system);
        // Such as a server that serves the first in the order of names.
        if (reduced.code === 'not-symmetric' || checked.code === 'not-symmetric') {
          // Whoever finishes the level of a violation sees more of the system.
          const ended = twin.trace !== undefined;
          if (!ended || reduced.code === checked.code) expect(checked.code).toBe(reduced.code);
          return void seen('refused');
        }
        await expectSameByCheck(system, checked, reduced);
        for (const by of COMBINATIONS) {
          const search = searchReduced(system, { ...by, symmetry: true });
          const outcome = outcomeOf(search);
          // It stops in the middle of a level, and may meet what is not symmetric sooner or later.
          if (outcome === 'not-symmetric') continue;
          if (twin.trace === undefined) expect(outcome, JSON.stringify(by)).toBe(naiveOutcome(twin));
          else expect(['holds', 'unwitnessed']).not.toContain(outcome);
          expectPath(search);
          if (search.done && search.reduced > 0) seen('reduced');
          if (search.done && by.partialOrder && !search.partialOrder) seen('order of refusals');
        }
        if (reduced.path) expectRealPath(reduced, reduced.path);
        expect(reduced.path?.steps.length).toBe(twin.trace?.length);
        if (twin.trace === undefined) {
          expect([reduced.verdict, reduced.property, reduced.depth]).toEqual([twin.verdict, twin.property, twin.depth]);
          expect(statesInOrbits(reduced)).toEqual({ states: twin.states, steps: twin.steps });
          if (twin.states >= 20) seen(`complete, ${reduced.states < twin.states ? 'smaller' : 'as large'}`);
        } else {
          // Of two violations of the same depth, the two searches may meet either one first.
          expect(reduced.verdict).not.toBe('holds');
          seen(twin.verdict);
        }
      }),
      { numRuns: runs, seed: SEED },
    );
    if (process.env.FAULTLINE_SHOW) console.log(kinds);
    if (runs < 300) return;
    for (const kind of ['refused', 'complete, smaller', 'violated', 'model-error', 'reduced']) {
      expect(kinds.get(kind) ?? 0, kind).toBeGreaterThan(runs / 50);
    }
  });
});
