/**
 * Random systems that mix in each what the semantics has: channels of all kinds, timers, refusals, mailboxes, alike clients with a
 * declared symmetry, fairness, and properties of all kinds. Plain data that fast-check can shrink and print; indices are taken modulo
 * what there is.
 */

import { assign, cancel, type EventObject, enqueueActions, raise, setup } from 'xstate';
import type { Fairness, Property, SystemView } from '../../../src/system/property.ts';
import { type Actor, actor, type Channel, defineSystem, type System } from '../../../src/system/system.ts';
import fc from '../../fast-check.ts';

const MESSAGES = ['M0', 'M1', 'M2'] as const;
/** What machines say to themselves, at once or later. */
const INTERNAL = 'TICK';
const CHOICES: readonly EventObject[] = [
  { type: 'GO' },
  { type: 'RUN' },
  { type: 'PICK', v: 0 } as EventObject,
  { type: 'PICK', v: 1 } as EventObject,
];
const COUNTER_MAX = 1;

/** To whom a message goes. A machine knows its peer and the server by its input, and others by what they sent. */
const WHOM = ['server', 'peer', 'sender', 'held', 'first held', 'loner', 'self', 'everybody', 'stranger'] as const;
type Whom = (typeof WHOM)[number];

type ActionSpec =
  | { do: 'send'; whom: Whom; message: number; counts: boolean }
  | { do: 'count' | 'reset' | 'hold' | 'drop' | 'raise' | 'throw' }
  | { do: 'arm' | 'cancel'; id: 'x' | 'y' };
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
  forbidden: number | null;
  always: { guard: GuardSpec; target: number; actions: ActionSpec[] } | null;
  after: { guard: GuardSpec; target: number | null; actions: ActionSpec[] } | null;
  entry: ActionSpec[];
  exit: ActionSpec[];
  final: boolean;
}
interface MachineSpec {
  shape: 'flat' | 'parallel' | 'shallow history' | 'deep history';
  states: StateSpec[];
  /** What happens to messages that no state takes. */
  fallback: ('ignore' | 'none' | 'count')[];
  choices: number[];
  rest: { values: number[] } | { counterAtMost: number } | null;
}
interface ChannelSpec {
  between: 'up' | 'down' | 'each up' | 'peers' | 'loner' | 'all';
  types: number[] | null;
  order: 'fifo' | 'unordered';
  capacity: number;
  whenFull: 'block' | 'drop';
  lossy: boolean;
  duplicating: boolean;
}
interface MonitorSpec {
  /** By state: who has to take which message for it to go where; `again`: whoever took the last one. */
  rows: { type: string; to: 'any' | 'again' | 'server' | 'client'; target: number }[][];
  tags: ('hot' | 'violation' | 'none')[];
}
type ConditionSpec =
  | { about: 'counter'; actor: number; is: number }
  | { about: 'state'; actor: number; state: number }
  | { about: 'both'; actors: [number, number]; states: [number, number] }
  | { about: 'length'; channel: number; is: number };
type PropertySpec =
  | { kind: 'always' | 'reachable' | 'eventually' | 'infinitelyOften'; condition: ConditionSpec }
  | { kind: 'leadsTo'; trigger: ConditionSpec; condition: ConditionSpec }
  | { kind: 'happens'; type: string; to: number | null }
  | { kind: 'monitor'; monitor: MonitorSpec };
/** A word for all, words for the types in turn, or the defaults. */
type FairnessSpec = Fairness | Fairness[] | null;

export interface MixedSpec {
  clients: number;
  client: MachineSpec;
  server: MachineSpec;
  loner: MachineSpec | null;
  channels: ChannelSpec[];
  blocking: number[];
  properties: PropertySpec[];
  deadlock: 'violation' | 'ignore';
  /** Of the clients, the server, the loner, and the channels. */
  fairness: FairnessSpec[];
}

const index = fc.nat({ max: 5 });
const message = fc.nat({ max: MESSAGES.length - 1 });
const percent = (share: number) => fc.nat({ max: 99 }).map((n) => n < share);
const orNull = <T>(arbitrary: fc.Arbitrary<T>, share: number) =>
  fc.oneof({ weight: 100 - share, arbitrary: fc.constant(null) }, { weight: share, arbitrary });
const bit = fc.nat({ max: COUNTER_MAX });
const id = fc.constantFrom('x' as const, 'y' as const);
const mostly = fc.constantFrom<Whom[]>('server', 'server', 'peer', 'sender', 'held', 'loner');
const whom = fc.oneof(
  { weight: 40, arbitrary: fc.constant<Whom>('server') },
  {
    weight: 60,
    arbitrary: fc.constantFrom<Whom[]>('peer', 'peer', 'sender', 'sender', 'held', 'first held', 'loner', 'self'),
  },
  { weight: 2, arbitrary: fc.constant<Whom>('everybody') },
  { weight: 1, arbitrary: fc.constant<Whom>('stranger') },
);
const action: fc.Arbitrary<ActionSpec> = fc.oneof(
  { weight: 150, arbitrary: fc.record({ do: fc.constant('send' as const), whom, message, counts: percent(25) }) },
  {
    weight: 70,
    arbitrary: fc.record({
      do: fc.constantFrom<('count' | 'reset' | 'hold' | 'drop')[]>('count', 'count', 'reset', 'hold', 'drop'),
    }),
  },
  { weight: 15, arbitrary: fc.record({ do: fc.constant('raise' as const) }) },
  { weight: 40, arbitrary: fc.record({ do: fc.constantFrom<('arm' | 'cancel')[]>('arm', 'arm', 'cancel'), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('throw' as const) }) },
);
const actions = fc.array(action, { maxLength: 2 });
const saying = fc
  .tuple(
    fc.record({ do: fc.constant('send' as const), whom: mostly, message, counts: percent(25) }),
    fc.oneof({ weight: 2, arbitrary: fc.constant<ActionSpec[]>([]) }, { weight: 1, arbitrary: fc.tuple(action) }),
  )
  .map(([first, more]): ActionSpec[] => [first, ...more]);
const rarely = fc.oneof({ weight: 6, arbitrary: fc.constant<ActionSpec[]>([]) }, { weight: 1, arbitrary: actions });
const guard: fc.Arbitrary<GuardSpec> = orNull(
  fc.record({ of: fc.constantFrom('counter' as const, 'payload' as const), is: bit }),
  30,
);
const state: fc.Arbitrary<StateSpec> = fc.record({
  // The first one leaves the state by itself, most of the time, so that something happens.
  transitions: fc
    .tuple(
      fc.record({
        on: fc.constantFrom('GO', 'RUN', 'RUN'),
        guard: orNull(guard, 15),
        target: index,
        reenter: percent(20),
        actions: fc.oneof({ weight: 1, arbitrary: actions }, { weight: 2, arbitrary: saying }),
      }),
      fc.array(
        fc.record({
          on: fc.constantFrom('GO', 'RUN', 'PICK', ...MESSAGES, ...MESSAGES, INTERNAL),
          guard,
          target: orNull(index, 75),
          reenter: percent(20),
          actions,
        }),
        { maxLength: 3 },
      ),
    )
    .map(([first, more]): TransitionSpec[] => [first, ...more]),
  forbidden: orNull(message, 20),
  always: orNull(fc.record({ guard, target: index, actions: rarely }), 8),
  after: orNull(fc.record({ guard, target: orNull(index, 80), actions }), 18),
  entry: rarely,
  exit: rarely,
  final: percent(10),
});
const machine: fc.Arbitrary<MachineSpec> = fc.record({
  shape: fc.constantFrom<MachineSpec['shape'][]>(
    'flat',
    'flat',
    'flat',
    'flat',
    'flat',
    'parallel',
    'shallow history',
    'deep history',
  ),
  states: fc.array(state, { minLength: 2, maxLength: 3 }),
  fallback: fc.array(
    fc.constantFrom<MachineSpec['fallback'][number][]>(...Array(11).fill('ignore'), 'count', 'count', 'none'),
    {
      minLength: MESSAGES.length,
      maxLength: MESSAGES.length,
    },
  ),
  choices: fc.oneof(
    { weight: 1, arbitrary: fc.constant<number[]>([]) },
    { weight: 6, arbitrary: fc.uniqueArray(fc.nat({ max: CHOICES.length - 1 }), { minLength: 1, maxLength: 3 }) },
  ),
  rest: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 3, arbitrary: fc.record({ values: fc.array(index, { maxLength: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ counterAtMost: bit }) },
  ),
});
const channel: fc.Arbitrary<ChannelSpec> = fc.record({
  between: fc.constantFrom('up', 'up', 'down', 'each up', 'peers', 'loner', 'all', 'all'),
  types: orNull(fc.uniqueArray(message, { minLength: 1, maxLength: 2 }), 40),
  order: fc.constantFrom('fifo', 'unordered'),
  capacity: fc.constantFrom(1, 1, 2),
  whenFull: fc.constantFrom('block', 'drop'),
  lossy: percent(25),
  duplicating: percent(20),
});
const observed = fc.constantFrom(...MESSAGES, ...MESSAGES, 'GO', 'RUN', INTERNAL);
const monitor = (tags: MonitorSpec['tags']): fc.Arbitrary<PropertySpec> =>
  fc.record({
    kind: fc.constant('monitor' as const),
    monitor: fc.record({
      rows: fc.array(
        fc.array(
          fc.record({
            type: fc.oneof({ weight: 8, arbitrary: observed }, { weight: 1, arbitrary: fc.constant('*') }),
            to: fc.oneof(
              {
                weight: 15,
                arbitrary: fc.constantFrom<MonitorSpec['rows'][number][number]['to'][]>('any', 'again', 'server'),
              },
              { weight: 1, arbitrary: fc.constant('client' as const) },
            ),
            target: index,
          }),
          { minLength: 1, maxLength: 3 },
        ),
        { minLength: 2, maxLength: 3 },
      ),
      tags: fc.array(fc.constantFrom(...tags), { minLength: 3, maxLength: 3 }),
    }),
  });
const condition: fc.Arbitrary<ConditionSpec> = fc.oneof(
  fc.record({ about: fc.constant('counter' as const), actor: index, is: fc.constant(1) }),
  fc.record({ about: fc.constant('state' as const), actor: index, state: fc.integer({ min: 1, max: 2 }) }),
  fc.record({
    about: fc.constant('both' as const),
    actors: fc.tuple(index, index),
    states: fc.tuple(index, fc.integer({ min: 1, max: 2 })),
  }),
  fc.record({ about: fc.constant('length' as const), channel: index, is: fc.integer({ min: 1, max: 2 }) }),
);
const safety: fc.Arbitrary<PropertySpec> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('always' as const), condition }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reachable' as const), condition }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('happens' as const), type: observed, to: orNull(index, 40) }) },
  { weight: 2, arbitrary: monitor(['none', 'none', 'none', 'violation']) },
);
const progress: fc.Arbitrary<PropertySpec> = fc.oneof(
  fc.record({ kind: fc.constantFrom('eventually' as const, 'infinitelyOften' as const), condition }),
  fc.record({ kind: fc.constant('leadsTo' as const), trigger: condition, condition }),
  monitor(['none', 'none', 'hot']),
);
const channelOrder = fc.constantFrom<ChannelSpec['order'][]>('fifo', 'unordered');

const RUN = CHOICES.findIndex(({ type }) => type === 'RUN');
const idle = (transitions: TransitionSpec[]): StateSpec => ({
  ...{ transitions, forbidden: null, always: null, after: null, entry: [], exit: [], final: false },
});
const asks: TransitionSpec = {
  ...{ on: 'RUN', guard: null, target: 1, reenter: false },
  actions: [{ do: 'send', whom: 'server', message: 0, counts: false }],
};
const takes: TransitionSpec = { on: MESSAGES[0], guard: null, target: 1, reenter: false, actions: [] };
const saysAgain = idle([{ ...asks, target: 0 }]);
const flat = (...states: StateSpec[]) => ({ shape: 'flat' as const, states });
const comesTo = (actor: number, state: number): PropertySpec => ({
  ...{ kind: 'eventually', condition: { about: 'state', actor, state } },
});

const word = fc.constantFrom<Fairness[]>('none', 'weak', 'weak', 'strong', 'strong');

const anyMix: fc.Arbitrary<MixedSpec> = fc.record({
  clients: fc.constantFrom(2, 2, 2, 3),
  client: machine,
  server: machine,
  loner: orNull(machine, 30),
  channels: fc.oneof(
    { weight: 1, arbitrary: fc.constant<ChannelSpec[]>([]) },
    { weight: 5, arbitrary: fc.array(channel, { minLength: 1, maxLength: 2 }) },
  ),
  blocking: fc.uniqueArray(message, { maxLength: 2 }),
  // With progress there is no symmetry, and with much else there is no progress to be looked for.
  properties: fc.oneof(
    fc.array(safety, { maxLength: 3 }),
    fc
      .tuple(fc.array(safety, { maxLength: 1 }), fc.array(progress, { minLength: 1, maxLength: 3 }))
      .map(([safe, live]) => [...safe, ...live]),
    fc
      .tuple(fc.array(progress, { minLength: 1, maxLength: 2 }), fc.array(safety, { maxLength: 1 }))
      .map(([live, safe]) => [...live, ...safe]),
  ),
  deadlock: fc.constantFrom('violation', 'ignore', 'ignore', 'ignore'),
  fairness: fc.array(orNull(fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 })), 70), {
    minLength: 6,
    maxLength: 6,
  }),
});

/** Clients that say the same over and over on a line that loses it: only strong fairness brings a message through. */
const lossyLines: fc.Arbitrary<MixedSpec> = fc
  .record({ mix: anyMix, word: fc.constantFrom<Fairness[]>('strong', 'strong', 'weak'), order: channelOrder })
  .map(({ mix, word, order }) => ({
    ...mix,
    client: { ...mix.client, ...flat(saysAgain, mix.client.states[0]!), choices: [RUN], rest: null },
    server: { ...mix.server, ...flat(idle([takes]), mix.server.states[0]!), choices: [] },
    loner: null,
    channels: [
      { between: 'up', types: null, order, capacity: 1, whenFull: 'drop', lossy: true, duplicating: false } as const,
    ],
    properties: [comesTo(mix.clients, 1), ...mix.properties.slice(0, 1)],
    fairness: [null, null, null, word, word, word],
  }));

/** Clients that need the server's one place: whoever has it may come back before the others, unless they are dealt with strongly fairly. */
const contendedPlaces: fc.Arbitrary<MixedSpec> = fc
  .record({ mix: anyMix, word: fc.constantFrom<Fairness[]>('strong', 'strong', 'weak') })
  .map(({ mix, word }) => ({
    ...mix,
    client: {
      ...mix.client,
      ...flat(
        idle([asks]),
        idle([{ ...asks, target: 0, actions: [{ do: 'send', whom: 'server', message: 1, counts: false }] }]),
      ),
      choices: [RUN],
      rest: null,
    },
    server: {
      ...mix.server,
      ...flat(idle([takes]), idle([{ ...takes, on: MESSAGES[1], target: 0 }])),
      fallback: ['none', 'none', 'none'],
      choices: [],
    },
    loner: null,
    channels: [],
    blocking: [0, 1],
    properties: [comesTo(0, 1), ...mix.properties.slice(0, 1)],
    fairness: [word, null, null, null, null, null],
  }));

export const mixedSpecs: fc.Arbitrary<MixedSpec> = fc.oneof(
  { weight: 20, arbitrary: anyMix },
  { weight: 1, arbitrary: lossyLines },
  { weight: 1, arbitrary: contendedPlaces },
);

/** Whether it is the same whatever the clients are called; otherwise a search may refuse the symmetry. */
export function isSymmetric(spec: MixedSpec): boolean {
  const machines = [spec.client, spec.server, ...(spec.loner ? [spec.loner] : [])];
  const all = JSON.stringify(machines);
  const monitors = JSON.stringify(spec.properties);
  return !all.includes('"everybody"') && !monitors.includes('"to":"client"');
}

interface Context {
  name: string;
  peer: string;
  held: readonly string[];
  n: number;
}
type Message = EventObject & { by?: string; v?: number };
type Args = { context: Context; event: Message };
/** The configuration is data, so its names cannot be checked by XState's types. */
const loose = setup as unknown as (parts: object) => { createMachine(config: object): Actor['machine'] };

export function buildMixed(spec: MixedSpec): System {
  const clients = Array.from({ length: spec.clients }, (_, at) => `c${at}`);
  const names = [...clients, 'server', ...(spec.loner ? ['loner'] : [])];
  const specOf = (name: string) => (name === 'server' ? spec.server : name === 'loner' ? spec.loner! : spec.client);
  const machines = new Map(
    [spec.client, spec.server, spec.loner].flatMap((one) => (one ? [[one, buildMachine(one, clients, names)]] : [])),
  );
  const peerOf = (name: string) => {
    const others = clients.filter((other) => other !== name);
    return others.length === 1 ? others[0]! : '';
  };
  const buildActor = (name: string): Actor => {
    const { choices, rest, shape, states } = specOf(name);
    return actor(machines.get(specOf(name))!, {
      input: { name, peer: peerOf(name) },
      choices: choices.map((at) => CHOICES[at]!),
      ...(rest && {
        rest:
          'values' in rest
            ? rest.values.map((at) => placeOf(shape, at % states.length))
            : (snapshot: { context: Context }) => snapshot.context.n <= rest.counterAtMost,
      }),
    } as never) as Actor;
  };
  const channels = buildChannels(spec, clients, names);
  return defineSystem<Record<string, Actor>, Record<string, Channel>>({
    actors: Object.fromEntries(names.map((name) => [name, buildActor(name)])),
    channels,
    blocking: spec.blocking.map((at) => MESSAGES[at]!),
    deadlock: spec.deadlock,
    fairness: buildFairness(spec, names, channels) as never,
    symmetry: [clients],
    properties: () =>
      spec.properties.map((property, at) =>
        buildProperty(`p${at}`, property, { names, channels: Object.keys(channels), specOf }),
      ),
  });
}

function buildChannels(spec: MixedSpec, clients: readonly string[], names: readonly string[]): Record<string, Channel> {
  const channels: Record<string, Channel> = {};
  for (const [place, { between, types, ...rest }] of spec.channels.entries()) {
    const ends: Record<ChannelSpec['between'], { from?: readonly string[]; to: readonly string[] }[]> = {
      up: [{ from: clients, to: ['server'] }],
      down: [{ from: ['server'], to: clients }],
      'each up': clients.map((client) => ({ from: [client], to: ['server'] })),
      peers: [{ from: clients, to: clients }],
      loner: names.includes('loner') ? [{ to: ['loner'] }] : [],
      all: [{ to: names }],
    };
    const drawn = ends[between].map((end) => ({
      ...end,
      ...(types && { types: types.map((at) => MESSAGES[at]!) }),
      ...rest,
    }));
    // A message that two channels would take is a mistake of the model, which would hide everything else; once in a while it may.
    const isTaken = drawn.some((one) => Object.values(channels).some((other) => overlap(one, other)));
    if (isTaken && !(between === 'peers' && rest.capacity === 2)) continue;
    for (const [at, one] of drawn.entries()) {
      // The name says whose it is, so that it changes with the client's.
      channels[between === 'each up' ? `link${place}-of-${clients[at]}` : `link${place}`] = one;
    }
  }
  return channels;
}

function overlap(one: Channel, other: Channel): boolean {
  const meet = (a: readonly string[] | undefined, b: readonly string[] | undefined) =>
    !a || !b || a.some((name) => b.includes(name));
  return meet(one.from, other.from) && meet(one.to, other.to) && meet(one.types, other.types);
}

function buildFairness(spec: MixedSpec, names: readonly string[], channels: Record<string, Channel>) {
  const isClient = (name: string) => name.startsWith('c');
  const owners = [
    ...names.map((name) => {
      const machine = isClient(name) ? spec.client : name === 'server' ? spec.server : spec.loner!;
      const place = isClient(name) ? 0 : name === 'server' ? 1 : 2;
      return { name, place, types: [...new Set(machine.choices.map((at) => CHOICES[at]!.type))], isActor: true };
    }),
    ...Object.entries(channels).map(([name, { types = [] }], at) => ({
      name,
      place: 3 + (at % 3),
      types,
      isActor: false,
    })),
  ];
  return Object.fromEntries(
    owners.flatMap(({ name, place, types, isActor }): [string, unknown][] => {
      const words = spec.fairness[place];
      if (!words) return [];
      // Without choices an actor may have nothing that a word could be about.
      if (typeof words === 'string') return isActor && types.length === 0 ? [] : [[name, words]];
      if (types.length === 0) return [];
      return [[name, Object.fromEntries(types.map((type, at) => [type, words[at % words.length]!]))]];
    }),
  );
}

function placeOf(shape: MachineSpec['shape'], at: number): string {
  return {
    flat: `s${at}`,
    parallel: `one.s${at}`,
    'shallow history': `work.s${at}`,
    'deep history': at === 0 ? 'away' : `work.s${at}`,
  }[shape];
}

function buildMachine(
  { shape, states, fallback }: MachineSpec,
  clients: readonly string[],
  names: readonly string[],
): Actor['machine'] {
  const implementations: Record<string, unknown> = {};
  const guards: Record<string, unknown> = {};
  const named = (specs: readonly ActionSpec[]) =>
    specs.map((spec) => {
      const label = Object.values(spec).join(' ');
      implementations[label] = buildAction(spec, clients, names);
      return label;
    });
  const guarded = (spec: GuardSpec) => {
    if (!spec) return {};
    const label = `${spec.of} is ${spec.is}`;
    guards[label] = ({ context, event }: Args) => (spec.of === 'counter' ? context.n : event.v) === spec.is;
    return { guard: label };
  };
  // Nothing leads to it: so the machine knows all messages, and those that it takes nowhere else are refused.
  const nowhere = { on: Object.fromEntries([...MESSAGES, 'GO', 'RUN', 'PICK', INTERNAL].map((type) => [type, {}])) };
  const region = (specs: readonly StateSpec[]) => {
    const sibling = (at: number | null) => (at === null ? {} : { target: `s${at % specs.length}` });
    const entries = specs.map((spec, at) => {
      // A region's first state is never final: the actor is to do something.
      if (spec.final && at > 0) return [`s${at}`, { type: 'final', entry: named(spec.entry) }];
      const on: Record<string, object | object[]> = {};
      if (spec.forbidden !== null) on[MESSAGES[spec.forbidden]!] = {};
      for (const { on: type, guard, target, reenter, actions } of spec.transitions) {
        on[type] ??= [];
        const list = on[type];
        if (Array.isArray(list)) list.push({ ...guarded(guard), ...sibling(target), reenter, actions: named(actions) });
      }
      const { always, after } = spec;
      const config = {
        on,
        entry: named(spec.entry),
        exit: named(spec.exit),
        ...(always && {
          always: { ...guarded(always.guard), ...sibling(always.target), actions: named(always.actions) },
        }),
        ...(after && {
          after: { 10: { ...guarded(after.guard), ...sibling(after.target), actions: named(after.actions) } },
        }),
      };
      return [`s${at}`, config];
    });
    return { initial: 's0', states: { ...Object.fromEntries(entries), nowhere } };
  };
  const history = (kind: 'shallow' | 'deep') => {
    const work = region(states);
    return {
      initial: 'work',
      states: {
        work: { ...work, states: { ...work.states, before: { type: 'history', history: kind } }, on: { PICK: 'away' } },
        away: { on: { GO: 'work.before', PICK: 'work' } },
      },
    };
  };
  const body = {
    flat: () => region(states),
    parallel: () => ({ type: 'parallel', states: { one: region(states), two: region(states.slice(0, 2)) } }),
    'shallow history': () => history('shallow'),
    'deep history': () => history('deep'),
  }[shape]();
  const on = Object.fromEntries(
    MESSAGES.flatMap((type, at) => {
      const what = fallback[at]!;
      return what === 'none' ? [] : [[type, what === 'ignore' ? {} : { actions: named([{ do: 'count' }]) }]];
    }),
  );
  const context = ({ input }: { input: Pick<Context, 'name' | 'peer'> }): Context => ({ ...input, held: [], n: 0 });
  return loose({ actions: implementations, guards }).createMachine({ id: 'm', context, on, ...body });
}

function buildAction(spec: ActionSpec, clients: readonly string[], names: readonly string[]): unknown {
  switch (spec.do) {
    case 'send': {
      const type = MESSAGES[spec.message]!;
      return enqueueActions((args) => {
        const { context, event, enqueue } = args as unknown as Args & typeof args;
        const message = { type, by: context.name, ...(spec.counts && { v: context.n }) };
        for (const to of receivers({ context, event }, spec.whom, clients, names)) {
          enqueue.sendTo(({ system }) => system.get(to), message);
        }
      });
    }
    case 'count':
      return assign({ n: ({ context }: Args) => (context.n + 1) % (COUNTER_MAX + 1) });
    case 'reset':
      return assign({ n: 0 });
    case 'hold':
      return assign({
        held: ({ context: { held }, event: { by } }: Args) =>
          by === undefined ? held : [...new Set([...held, by])].slice(0, 2),
      });
    case 'drop':
      return assign({ held: ({ context }: Args) => context.held.slice(1) });
    case 'raise':
      return raise({ type: INTERNAL });
    case 'throw':
      return assign(() => {
        throw new Error('thrown on purpose');
      });
    case 'arm':
      return raise({ type: INTERNAL, v: spec.id === 'x' ? 0 : 1 } as EventObject, { delay: 5, id: spec.id });
    case 'cancel':
      return cancel(spec.id);
  }
}

function receivers(
  { context, event }: Args,
  whom: Whom,
  clients: readonly string[],
  names: readonly string[],
): readonly string[] {
  const some = (name: string | undefined) => (name === undefined || name === '' ? [] : [name]);
  switch (whom) {
    case 'server':
      return ['server'];
    case 'peer':
      return some(context.peer);
    case 'sender':
      return some(event.by);
    case 'held':
      return some(context.held.at(-1));
    case 'first held':
      return some(context.held[0]);
    case 'loner':
      return names.includes('loner') ? ['loner'] : [];
    case 'self':
      return [context.name];
    case 'everybody':
      return clients;
    case 'stranger':
      return ['stranger'];
  }
}

interface Built {
  readonly names: readonly string[];
  readonly channels: readonly string[];
  specOf(name: string): MachineSpec;
}

function buildProperty(name: string, spec: PropertySpec, built: Built): Property {
  switch (spec.kind) {
    case 'always': {
      const isBad = buildCondition(spec.condition, built);
      return { kind: 'always', name, holds: (view) => !isBad(view) };
    }
    case 'reachable':
      return { kind: 'reachable', name, witness: buildCondition(spec.condition, built) };
    case 'eventually':
    case 'infinitelyOften':
      return { kind: spec.kind, name, goal: buildCondition(spec.condition, built) };
    case 'leadsTo':
      return {
        kind: 'leadsTo',
        name,
        trigger: buildCondition(spec.trigger, built),
        goal: buildCondition(spec.condition, built),
      };
    case 'happens':
      return {
        kind: 'happens',
        name,
        message: { type: spec.type, ...(spec.to !== null && { to: built.names[spec.to % built.names.length]! }) },
      };
    case 'monitor':
      return { kind: 'monitor', name, machine: buildMonitor(spec.monitor) };
  }
}

function buildCondition(spec: ConditionSpec, { names, channels, specOf }: Built): (view: SystemView) => boolean {
  const nameAt = (at: number) => names[at % names.length]!;
  const isAt = (view: SystemView, at: number, state: number) => {
    const { shape, states } = specOf(nameAt(at));
    return view.get(nameAt(at)).matches(placeOf(shape, state % states.length) as never);
  };
  switch (spec.about) {
    case 'counter':
      return (view) => view.get(nameAt(spec.actor)).context.n === spec.is;
    case 'state':
      return (view) => isAt(view, spec.actor, spec.state);
    case 'both':
      return (view) => isAt(view, spec.actors[0], spec.states[0]) && isAt(view, spec.actors[1], spec.states[1]);
    case 'length': {
      const channel = channels[spec.channel % channels.length];
      if (channel === undefined) return (view) => view.get(nameAt(spec.channel)).context.n === 1;
      return (view) => view.channel(channel).length === spec.is;
    }
  }
}

function buildMonitor({ rows, tags }: MonitorSpec): Actor['machine'] {
  type MonitorArgs = { context: { last: string }; event: EventObject & { to?: string } };
  const guards = {
    any: () => true,
    again: ({ context, event }: MonitorArgs) => context.last === event.to,
    server: ({ event }: MonitorArgs) => event.to === 'server',
    client: ({ event }: MonitorArgs) => event.to === 'c0',
  };
  // Only who asks whether it is the same again notes who it was.
  const notes = rows.flat().some(({ to }) => to === 'again') ? ['note'] : [];
  const states = rows.map((row, at) => {
    const on: Record<string, object[]> = {};
    for (const { type, to, target } of row) {
      on[type] ??= [];
      on[type].push({ guard: to, target: `s${target % rows.length}`, actions: notes });
    }
    return [`s${at}`, { on, tags: tags[at] === 'none' ? [] : [tags[at]] }];
  });
  const note = assign({ last: ({ event }: MonitorArgs) => event.to! });
  return loose({ guards, actions: { note } }).createMachine({
    context: { last: '' },
    initial: 's0',
    states: Object.fromEntries(states),
  });
}
