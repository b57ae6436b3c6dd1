/**
 * Random small systems that use every part of the semantics, as plain data that fast-check can shrink and print.
 *
 * `systemSpecs` draws a specification, `buildSystem` makes the system of it. Indices in a specification are taken modulo
 * what there is, so that shrinking one part never makes another one meaningless.
 */
import { assign, cancel, type EventObject, raise, sendTo, setup } from 'xstate';
import type { Fairness, Property, SystemView } from '../src/system/property.ts';
import { type Actor, actor, type Channel, defineSystem, type System } from '../src/system/system.ts';
import fc from './fast-check.ts';

const MESSAGES = ['M0', 'M1', 'M2', 'M3'] as const;
/** Raised by a machine for itself, at once or delayed. */
const INTERNAL = 'TICK';
const CHOICES: readonly EventObject[] = [
  { type: 'GO' },
  { type: 'PICK', v: 0 } as EventObject,
  { type: 'PICK', v: 1 } as EventObject,
];
const COUNTER_MAX = 2;

type ActionSpec =
  | { do: 'send'; to: number; message: number; payload: 'none' | 'counter' | 'zero' }
  | { do: 'count' | 'reset' | 'raise' }
  | { do: 'arm'; id: 'x' | 'y' | 'none'; v: number; delay: number }
  | { do: 'cancel'; id: 'x' | 'y' };

/** Guards compare the counter, or the payload of the event. */
type GuardSpec = { of: 'counter' | 'payload'; is: number } | null;

interface TransitionSpec {
  on: string;
  guard: GuardSpec;
  target: number | null;
  reenter: boolean;
  actions: ActionSpec[];
}

interface StateSpec {
  transitions: TransitionSpec[];
  /** Messages that this state ignores on purpose. */
  forbidden: number[];
  always: { guard: GuardSpec; target: number; actions: ActionSpec[] } | null;
  after: { target: number | null; guard: GuardSpec; actions: ActionSpec[] } | null;
  entry: ActionSpec[];
  exit: ActionSpec[];
  final: boolean;
}

interface ActorSpec {
  shape: 'flat' | 'parallel' | 'shallow history' | 'deep history';
  states: StateSpec[];
  /** What happens to messages that no state takes. */
  fallback: ('ignore' | 'none' | 'count')[];
  choices: number[];
  /** Timers without a name that run from the start; armed in a cycle they would pile up without end. */
  anonymousTimers: number[];
  rest: { values: number[] } | { counterAtMost: number } | null;
}

interface ChannelSpec {
  from: number[] | null;
  to: number[];
  types: number[] | null;
  order: 'fifo' | 'unordered' | 'set';
  capacity: number;
  whenFull: 'block' | 'drop';
  lossy: boolean | 'anywhere';
  duplicating: boolean | 'always';
  competing: boolean;
}

interface MonitorSpec {
  /** One row per state: where each message takes it, and whether only if a given actor took it. */
  rows: { type: string; to: number | null; target: number }[][];
  tags: ('hot' | 'violation' | 'none')[];
}

type ConditionSpec =
  | { about: 'counter'; actor: number; is: number }
  | { about: 'state'; actor: number; state: number }
  | { about: 'both states'; actors: [number, number]; states: [number, number] }
  | { about: 'length'; channel: number; is: number };

type PropertySpec =
  | { kind: 'always' | 'reachable'; condition: ConditionSpec }
  | { kind: 'happens'; type: string; to: number | null; v: number | null }
  | { kind: 'monitor'; monitor: MonitorSpec }
  | { kind: 'eventually' | 'infinitelyOften'; condition: ConditionSpec }
  | { kind: 'leadsTo'; trigger: ConditionSpec; condition: ConditionSpec };

/** By actor or channel: one word for all, or a word for each of its types in turn; null leaves it at its default. */
type FairnessSpec = null | Fairness | Fairness[];

export interface SystemSpec {
  actors: ActorSpec[];
  /** Ways to start: the counters of the first actors. Empty for the only one, with all counters 0. */
  starts: number[][];
  channels: ChannelSpec[];
  blocking: number[];
  properties: PropertySpec[];
  deadlock: 'violation' | 'ignore';
  unhandled: 'error' | 'ignore';
  /** By actor, then by channel; empty for the defaults. */
  fairness: FairnessSpec[];
}

const index = fc.nat({ max: 7 });
const message = fc.nat({ max: MESSAGES.length - 1 });
const orNull = <T>(arbitrary: fc.Arbitrary<T>, weight: number) =>
  fc.oneof({ weight: 10 - weight, arbitrary: fc.constant(null) }, { weight, arbitrary });
const often = (percent: number) => fc.nat({ max: 99 }).map((n) => n < percent);

const actions: fc.Arbitrary<ActionSpec> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      to: index,
      message,
      payload: fc.constantFrom('none' as const, 'none' as const, 'counter' as const, 'zero' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('count' as const, 'reset' as const, 'count' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('raise' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('arm' as const),
      id: fc.constantFrom('x' as const, 'y' as const),
      v: fc.nat({ max: 1 }),
      delay: fc.constantFrom(5, 5, 20),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('cancel' as const), id: fc.constantFrom('x' as const, 'y' as const) }),
  },
);
const fewActions = fc.array(actions, { maxLength: 2 });
const rareActions = fc.oneof(
  { weight: 6, arbitrary: fc.constant<ActionSpec[]>([]) },
  { weight: 1, arbitrary: fewActions },
);
const guard: fc.Arbitrary<GuardSpec> = orNull(
  fc.record({ of: fc.constantFrom('counter' as const, 'payload' as const), is: fc.nat({ max: COUNTER_MAX }) }),
  4,
);
const transition: fc.Arbitrary<TransitionSpec> = fc.record({
  on: fc.constantFrom('GO', 'PICK', 'GO', 'PICK', ...MESSAGES, INTERNAL),
  guard,
  target: orNull(index, 8),
  reenter: often(20),
  actions: fewActions,
});
const state: fc.Arbitrary<StateSpec> = fc.record({
  // The first one leaves the state by itself, most of the time, so that something happens.
  transitions: fc
    .tuple(
      fc.record({
        on: fc.constantFrom('GO', 'GO', 'PICK'),
        guard: orNull(guard, 2),
        target: index,
        reenter: often(20),
        actions: fewActions,
      }),
      fc.array(transition, { maxLength: 4 }),
    )
    .map(([first, rest]) => [first, ...rest]),
  forbidden: fc.array(message, { maxLength: 1 }),
  always: orNull(fc.record({ guard, target: index, actions: rareActions }), 1),
  after: orNull(fc.record({ target: orNull(index, 8), guard, actions: fewActions }), 2),
  entry: rareActions,
  exit: rareActions,
  final: often(10),
});
const actorSpec: fc.Arbitrary<ActorSpec> = fc.record({
  shape: fc.constantFrom<ActorSpec['shape'][]>('flat', 'flat', 'flat', 'parallel', 'shallow history', 'deep history'),
  states: fc.array(state, { minLength: 2, maxLength: 4 }),
  fallback: fc.array(
    fc.constantFrom<ActorSpec['fallback'][number][]>(...Array(7).fill('ignore'), 'count', 'count', 'none'),
    {
      minLength: MESSAGES.length,
      maxLength: MESSAGES.length,
    },
  ),
  choices: fc.oneof(
    { weight: 1, arbitrary: fc.constant<number[]>([]) },
    { weight: 6, arbitrary: fc.uniqueArray(fc.nat({ max: CHOICES.length - 1 }), { minLength: 1, maxLength: 3 }) },
  ),
  anonymousTimers: fc.oneof(
    { weight: 8, arbitrary: fc.constant<number[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.nat({ max: 1 }), { maxLength: 3 }) },
  ),
  rest: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 3, arbitrary: fc.record({ values: fc.array(index, { maxLength: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ counterAtMost: fc.nat({ max: COUNTER_MAX }) }) },
  ),
});
const channel: fc.Arbitrary<ChannelSpec> = fc.record({
  from: orNull(fc.array(index, { minLength: 1, maxLength: 2 }), 3),
  to: fc.array(index, { minLength: 1, maxLength: 2 }),
  types: orNull(fc.array(message, { minLength: 1, maxLength: 2 }), 5),
  order: fc.constantFrom<ChannelSpec['order'][]>('fifo', 'fifo', 'unordered', 'unordered', 'set'),
  capacity: fc.constantFrom(1, 1, 2, 2, 3, 5),
  whenFull: fc.constantFrom('block' as const, 'drop' as const),
  lossy: fc.constantFrom<boolean | 'anywhere'>(false, false, false, false, false, true, true, 'anywhere'),
  duplicating: fc.constantFrom<ChannelSpec['duplicating'][]>(...Array(7).fill(false), true, true, 'always'),
  competing: often(20),
});
/** What monitors and `happens` look for: `*` is all, timers included. */
const observed = fc.constantFrom(...MESSAGES, ...MESSAGES, 'GO', 'PICK', INTERNAL, '*');
const sent = fc.constantFrom(...MESSAGES.map((type) => `sent.${type}`), 'sent.*');
const monitorSpec: fc.Arbitrary<MonitorSpec> = fc.record({
  rows: fc.array(
    fc.array(
      fc.record({
        type: fc.oneof({ weight: 3, arbitrary: observed }, { weight: 1, arbitrary: sent }),
        to: orNull(index, 4),
        target: index,
      }),
      { maxLength: 3 },
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  tags: fc.array(fc.constantFrom<('none' | 'hot' | 'violation')[]>('none', 'none', 'none', 'hot', 'hot', 'violation'), {
    minLength: 3,
    maxLength: 3,
  }),
});
const condition: fc.Arbitrary<ConditionSpec> = fc.oneof(
  fc.record({ about: fc.constant('counter' as const), actor: index, is: fc.integer({ min: 1, max: COUNTER_MAX }) }),
  fc.record({ about: fc.constant('state' as const), actor: index, state: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    about: fc.constant('both states' as const),
    actors: fc.tuple(index, index),
    states: fc.tuple(index, fc.integer({ min: 1, max: 3 })),
  }),
  fc.record({ about: fc.constant('length' as const), channel: index, is: fc.integer({ min: 1, max: 3 }) }),
);
const property: fc.Arbitrary<PropertySpec> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('always' as const, 'reachable' as const), condition }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('happens' as const),
      type: observed.map((type) => (type === '*' ? 'M0' : type)),
      to: orNull(index, 5),
      v: orNull(fc.nat({ max: COUNTER_MAX }), 3),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('monitor' as const), monitor: monitorSpec }) },
);

export const systemSpecs: fc.Arbitrary<SystemSpec> = fc.record({
  actors: fc.oneof(
    fc.array(actorSpec, { minLength: 2, maxLength: 2 }),
    fc.array(actorSpec, { minLength: 3, maxLength: 4 }),
  ),
  starts: fc.oneof(
    { weight: 3, arbitrary: fc.constant<number[][]>([]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.array(fc.nat({ max: COUNTER_MAX }), { maxLength: 2 }), { minLength: 1, maxLength: 3 }),
    },
  ),
  channels: fc.array(channel, { maxLength: 3 }),
  blocking: fc.uniqueArray(message, { maxLength: MESSAGES.length }),
  properties: fc.oneof(fc.constant<PropertySpec[]>([]), fc.array(property, { minLength: 1, maxLength: 3 })),
  deadlock: fc.constantFrom('violation' as const, 'ignore' as const),
  unhandled: fc.constantFrom('error' as const, 'error' as const, 'ignore' as const),
  fairness: fc.constant<FairnessSpec[]>([]),
});

const word = fc.constantFrom<Fairness[]>('none', 'weak', 'strong');
const progress: fc.Arbitrary<PropertySpec> = fc.oneof(
  fc.record({ kind: fc.constantFrom('eventually' as const, 'infinitelyOften' as const), condition }),
  fc.record({ kind: fc.constant('leadsTo' as const), trigger: condition, condition }),
  fc.record({
    kind: fc.constant('monitor' as const),
    monitor: monitorSpec.map((spec) => ({
      ...spec,
      tags: spec.tags.map((tag) => (tag === 'violation' ? 'none' : tag)),
    })),
  }),
);
/** The same systems with properties of progress only, under random fairness, and more of them live to show it. */
export const progressSpecs: fc.Arbitrary<SystemSpec> = fc
  .tuple(
    systemSpecs,
    fc.array(progress, { minLength: 1, maxLength: 2 }),
    fc.array(orNull(fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 })), 6), { minLength: 7, maxLength: 7 }),
  )
  .map(([spec, properties, fairness]) => ({
    ...spec,
    actors: spec.actors.map((one) => ({
      ...one,
      fallback: one.fallback.map((what) => (what === 'none' ? 'ignore' : what)),
    })),
    properties,
    deadlock: 'ignore' as const,
    fairness,
  }));

export function buildSystem(spec: SystemSpec): System {
  const names = spec.actors.map((_, at) => `a${at}`);
  const name = (at: number) => names[at % names.length]!;
  const channels: [string, Channel][] = [];
  for (const drawn of spec.channels.map((channelSpec) => buildChannel(channelSpec, name))) {
    // A message that two channels would take is a mistake of the model, which would hide everything else.
    if (!channels.some(([, other]) => overlap(drawn, other))) channels.push([`c${channels.length}`, drawn]);
  }
  const count = channels.length;
  const addresses = [
    ...names,
    ...channels.filter(([, { competing }]) => competing).map(([channelName]) => channelName),
  ];
  const address = (at: number) => addresses[at % addresses.length]!;
  return defineSystem({
    actors: Object.fromEntries(spec.actors.map((actorSpec, at) => [names[at]!, buildActor(actorSpec, address)])),
    channels: Object.fromEntries(channels),
    ...(spec.starts.length > 0 && {
      starts: spec.starts.map((counters) => Object.fromEntries(counters.map((n, at) => [names[at]!, { n }]))),
    }),
    blocking: spec.blocking.map((at) => MESSAGES[at]!),
    deadlock: spec.deadlock,
    unhandled: spec.unhandled,
    fairness: Object.fromEntries(
      spec.fairness.flatMap((fairness, at): [string, Fairness | Record<string, Fairness>][] => {
        const actorSpec = spec.actors[at];
        const channel = channels[at - spec.actors.length];
        const types = actorSpec ? actorSpec.choices.map((choice) => CHOICES[choice]!.type) : (channel?.[1].types ?? []);
        const owner = actorSpec ? names[at] : channel?.[0];
        if (fairness === null || owner === undefined) return [];
        if (typeof fairness === 'string') return actorSpec && types.length === 0 ? [] : [[owner, fairness]];
        if (types.length === 0) return [];
        return [[owner, Object.fromEntries(types.map((type, place) => [type, fairness[place % fairness.length]!]))]];
      }),
    ),
    properties: () =>
      spec.properties.map((property, at) =>
        buildProperty(`p${at}`, property, { actors: spec.actors, channels: count }, name),
      ),
  });
}

type NameOf = (index: number) => string;
interface Built {
  actors: readonly ActorSpec[];
  channels: number;
}

function overlap(one: Channel, other: Channel): boolean {
  const meet = (a: readonly string[] | undefined, b: readonly string[] | undefined) =>
    !a || !b || a.some((name) => b.includes(name));
  if (one.competing || other.competing) return false;
  return meet(one.from, other.from) && meet(one.to, other.to) && meet(one.types, other.types);
}

function buildChannel(spec: ChannelSpec, name: NameOf): Channel {
  const { from, to, types, ...rest } = spec;
  return {
    ...rest,
    ...(rest.order === 'set' && { capacity: Number.POSITIVE_INFINITY }),
    // What is sent to a channel that does not take it is a mistake of the model, too.
    ...(from && !rest.competing && { from: [...new Set(from.map(name))] }),
    to: [...new Set(to.map(name))],
    ...(types && !rest.competing && { types: [...new Set(types.map((at) => MESSAGES[at]!))] }),
  };
}

function buildActor(spec: ActorSpec, name: NameOf): Actor {
  const { rest, states } = spec;
  const machine = buildMachine(spec, name);
  return actor(machine, {
    choices: spec.choices.map((at) => CHOICES[at]!),
    ...(rest && {
      rest:
        'values' in rest
          ? rest.values.map((at) => restValue(spec.shape, at % states.length))
          : (snapshot: { context: { n: number } }) => snapshot.context.n <= rest.counterAtMost,
    }),
  } as never);
}

function restValue(shape: ActorSpec['shape'], at: number): string {
  return { flat: `s${at}`, parallel: `one.s${at}`, 'shallow history': `work.s${at}`, 'deep history': 'away' }[shape];
}

function buildMachine({ shape, states, fallback, anonymousTimers }: ActorSpec, name: NameOf) {
  const implementations: Record<string, unknown> = {};
  const guards: Record<string, unknown> = {};

  const actionNames = (specs: readonly ActionSpec[]) =>
    specs.map((spec) => {
      const label = Object.values(spec).join(' ');
      implementations[label] = buildAction(spec, name);
      return label;
    });
  const guarded = (spec: GuardSpec) => {
    if (!spec) return {};
    const label = `${spec.of} is ${spec.is}`;
    guards[label] = ({ context, event }: { context: { n: number }; event: { v?: number } }) =>
      (spec.of === 'counter' ? context.n : event.v) === spec.is;
    return { guard: label };
  };
  const region = (specs: readonly StateSpec[]) => {
    const sibling = (at: number | null) => (at === null ? {} : { target: `s${at % specs.length}` });
    const entries = specs.map((spec, at) => {
      const { transitions, forbidden, always, after, entry, exit, final } = spec;
      // A region's last state may be final, its first one never: the actor is to do something.
      if (final && at > 0) return [`s${at}`, { type: 'final', entry: actionNames(entry) }];
      const on: Record<string, object[]> = Object.fromEntries(forbidden.map((at) => [MESSAGES[at]!, []]));
      for (const { on: event, guard, target, reenter, actions } of transitions) {
        if (on[event]?.length === 0) continue;
        on[event] ??= [];
        on[event].push({ ...guarded(guard), ...sibling(target), reenter, actions: actionNames(actions) });
      }
      const config = {
        on: Object.fromEntries(Object.entries(on).map(([type, list]) => [type, list.length === 0 ? {} : list])),
        entry: actionNames(entry),
        exit: actionNames(exit),
        ...(always && {
          always: { ...guarded(always.guard), ...sibling(always.target), actions: actionNames(always.actions) },
        }),
        ...(after && {
          after: { 10: { ...guarded(after.guard), ...sibling(after.target), actions: actionNames(after.actions) } },
        }),
      };
      return [`s${at}`, config];
    });
    // Nothing leads to it: so the machine knows all messages, and those that it takes nowhere else are refused.
    const known = [...MESSAGES, 'GO', 'PICK', INTERNAL].map((type) => [type, {}]);
    return { initial: 's0', states: { ...Object.fromEntries(entries), nowhere: { on: Object.fromEntries(known) } } };
  };

  const on = Object.fromEntries(
    MESSAGES.flatMap((type, at) => {
      if (fallback[at] === 'none') return [];
      return [[type, fallback[at] === 'ignore' ? {} : { actions: actionNames([{ do: 'count' }]) }]];
    }),
  );
  const context = ({ input }: { input?: { n: number } }) => ({ n: input?.n ?? 0 });
  const entry = actionNames(anonymousTimers.map((v) => ({ do: 'arm', id: 'none', v, delay: 5 + 5 * v })));
  const half = Math.ceil(states.length / 2);
  const shapes = {
    flat: () => region(states),
    parallel: () => ({
      type: 'parallel',
      states: { one: region(states), two: region(states.slice(0, half)) },
    }),
    history: (history: 'shallow' | 'deep') => ({
      initial: 'work',
      states: {
        work: {
          ...region(states),
          states: { ...region(states).states, before: { type: 'history', history } },
          on: { PICK: 'away' },
        },
        away: { on: { GO: 'work.before', PICK: 'work' } },
      },
    }),
  };
  const body =
    shape === 'flat'
      ? shapes.flat()
      : shape === 'parallel'
        ? shapes.parallel()
        : shapes.history(shape === 'deep history' ? 'deep' : 'shallow');
  // The configuration is data, so its names cannot be checked by XState's types.
  const loose = setup as unknown as (implementations: object) => { createMachine(config: object): Actor['machine'] };
  return loose({ actions: implementations, guards }).createMachine({ context, entry, on, ...body });
}

function buildAction(spec: ActionSpec, name: NameOf): unknown {
  type Args = { context: { n: number } };
  switch (spec.do) {
    case 'send': {
      const type = MESSAGES[spec.message]!;
      return sendTo(
        ({ system }) => system.get(name(spec.to)),
        ({ context }: Args) =>
          spec.payload === 'none' ? { type } : { type, v: spec.payload === 'counter' ? context.n : 0 },
      );
    }
    case 'count':
      return assign(({ context }: Args) => ({ n: (context.n + 1) % (COUNTER_MAX + 1) }));
    case 'reset':
      return assign({ n: 0 });
    case 'raise':
      return raise({ type: INTERNAL });
    case 'arm': {
      const event = { type: INTERNAL, v: spec.v };
      const { delay, id } = spec;
      return raise(event, { delay, ...(id !== 'none' && { id }) });
    }
    case 'cancel':
      return cancel(spec.id);
  }
}

function buildProperty(name: string, spec: PropertySpec, system: Built, nameOf: NameOf): Property {
  switch (spec.kind) {
    case 'always': {
      const condition = buildCondition(spec.condition, system, nameOf);
      return { kind: 'always', name, holds: (view) => !condition(view) };
    }
    case 'reachable':
      return { kind: 'reachable', name, witness: buildCondition(spec.condition, system, nameOf) };
    case 'happens': {
      const { to, v } = spec;
      return {
        kind: 'happens',
        name,
        message: {
          type: spec.type,
          ...(to !== null && { to: nameOf(to) }),
          ...(v !== null && { where: (event: EventObject & { v?: number }) => event.v === v }),
        },
      };
    }
    case 'monitor':
      return { kind: 'monitor', name, machine: buildMonitor(spec.monitor, nameOf) };
    case 'eventually':
    case 'infinitelyOften':
      return { kind: spec.kind, name, goal: buildCondition(spec.condition, system, nameOf) };
    case 'leadsTo':
      return {
        kind: 'leadsTo',
        name,
        trigger: buildCondition(spec.trigger, system, nameOf),
        goal: buildCondition(spec.condition, system, nameOf),
      };
  }
}

function buildCondition(spec: ConditionSpec, system: Built, nameOf: NameOf): (view: SystemView) => boolean {
  const isAt = (view: SystemView, at: number, state: number) => {
    const { shape, states } = system.actors[at % system.actors.length]!;
    return view.get(nameOf(at)).matches(restValue(shape, state % states.length) as never);
  };
  switch (spec.about) {
    case 'counter':
      return (view) => view.get(nameOf(spec.actor)).context.n === spec.is;
    case 'state':
      return (view) => isAt(view, spec.actor, spec.state);
    case 'both states':
      return (view) => isAt(view, spec.actors[0], spec.states[0]) && isAt(view, spec.actors[1], spec.states[1]);
    case 'length': {
      if (system.channels === 0) return (view) => view.get(nameOf(0)).context.n === spec.is;
      return (view) => view.channel(`c${spec.channel % system.channels}`).length === spec.is;
    }
  }
}

function buildMonitor({ rows, tags }: MonitorSpec, nameOf: NameOf): Actor['machine'] {
  type Args = { event: { to: string } };
  const guards: Record<string, (args: Args) => boolean> = {};
  const states = rows.map((row, at) => {
    const on: Record<string, object[]> = {};
    for (const { type, to, target } of row) {
      on[type] ??= [];
      const label = `to ${to === null ? 'any' : nameOf(to)}`;
      guards[label] = ({ event }) => to === null || event.to === nameOf(to);
      on[type].push({ guard: label, target: `s${target % rows.length}` });
    }
    return [`s${at}`, { on, tags: tags[at] === 'none' ? [] : [tags[at]] }];
  });
  const loose = setup as unknown as (implementations: object) => { createMachine(config: object): Actor['machine'] };
  return loose({ guards }).createMachine({ initial: 's0', states: Object.fromEntries(states) });
}
