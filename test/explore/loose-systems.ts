/**
 * Random systems of actors that have little to do with each other, so that there is something to leave out: most of what they do
 * is their own business, some of it is said to one of two friends, and they seldom come back to where they were.
 */
import { type EventObject, sendTo, setup } from 'xstate';
import type { Property, SystemView } from '../../src/system/property.ts';
import { type Actor, actor, type Channel, defineSystem, type System } from '../../src/system/system.ts';
import fc from '../fast-check.ts';

const MESSAGES = ['M0', 'M1', 'M2'] as const;

interface StepSpec {
  on: 'GO' | 'PICK' | (typeof MESSAGES)[number];
  /** How many states further, or back when negative. */
  by: number;
  /** To which friend, if any. */
  send: { friend: number; message: number } | null;
}
interface ActorSpec {
  /** By state; the last state has no steps of its own. */
  steps: StepSpec[][];
  timer: number | null;
  fallback: ('ignore' | 'none')[];
  rest: number[] | null;
}
type PropertySpec =
  | { kind: 'always' | 'reachable'; actors: [number, number]; states: [number, number] }
  | { kind: 'happens'; message: number; to: number | null }
  | { kind: 'monitor'; first: number; second: number };
export interface LooseSpec {
  actors: ActorSpec[];
  /** By actor: the friends' distance, at most half way round. */
  channels: {
    from: number;
    order: 'fifo' | 'unordered' | 'set';
    capacity: number;
    whenFull: 'block' | 'drop';
    lossy: boolean;
  }[];
  blocking: number[];
  properties: PropertySpec[];
}

const message = fc.nat({ max: MESSAGES.length - 1 });
const step: fc.Arbitrary<StepSpec> = fc.record({
  on: fc.constantFrom('GO', 'GO', 'PICK', ...MESSAGES),
  by: fc.constantFrom(1, 1, 1, 2, 0, -1),
  send: fc.option(fc.record({ friend: fc.nat({ max: 1 }), message }), { freq: 1 }),
});
const first: fc.Arbitrary<StepSpec> = fc.record({
  on: fc.constantFrom('GO' as const, 'GO' as const, 'PICK' as const),
  by: fc.constantFrom(1, 1, 1, 1, 2, -1),
  send: fc.option(fc.record({ friend: fc.nat({ max: 1 }), message }), { freq: 2 }),
});
const actorSpec: fc.Arbitrary<ActorSpec> = fc.record({
  steps: fc.array(
    fc.tuple(first, fc.array(step, { maxLength: 2 })).map(([one, more]) => [one, ...more]),
    { minLength: 1, maxLength: 3 },
  ),
  timer: fc.option(fc.nat({ max: 2 }), { freq: 1 }),
  fallback: fc.array(fc.constantFrom<ActorSpec['fallback'][number][]>(...Array(9).fill('ignore'), 'none'), {
    minLength: MESSAGES.length,
    maxLength: MESSAGES.length,
  }),
  rest: fc.option(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 }), { freq: 1 }),
});
const index = fc.nat({ max: 4 });
const states = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 3 }));
export const looseSpecs: fc.Arbitrary<LooseSpec> = fc.record({
  actors: fc.array(actorSpec, { minLength: 3, maxLength: 5 }),
  channels: fc.array(
    fc.record({
      from: index,
      order: fc.constantFrom('fifo' as const, 'unordered' as const, 'set' as const),
      capacity: fc.constantFrom(1, 1, 2, 3),
      whenFull: fc.constantFrom('block' as const, 'drop' as const),
      lossy: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  blocking: fc.uniqueArray(message, { maxLength: MESSAGES.length }),
  properties: fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constantFrom('always' as const, 'always' as const, 'reachable' as const),
          actors: fc.tuple(index, index),
          states,
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('happens' as const), message, to: fc.option(index) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('monitor' as const), first: message, second: message }) },
    ),
    { minLength: 1, maxLength: 4 },
  ),
});

const loose = setup as unknown as (parts: object) => { createMachine(config: object): Actor['machine'] };

function buildActor({ steps, timer, fallback, rest }: ActorSpec, friends: readonly string[]): Actor {
  const actions: Record<string, unknown> = {};
  const last = steps.length;
  const entries = Array.from({ length: last + 1 }, (_, at) => {
    const on: Record<string, object[]> = {};
    for (const { on: type, by, send } of steps[at] ?? []) {
      const label = send && `say ${MESSAGES[send.message]} to friend ${send.friend}`;
      if (send) {
        const to = friends[send.friend]!;
        actions[label!] = sendTo(({ system }) => system.get(to) as never, { type: MESSAGES[send.message] } as never);
      }
      on[type] ??= [];
      on[type].push({ target: `s${Math.max(0, Math.min(last, at + by))}`, ...(label && { actions: [label] }) });
    }
    return [`s${at}`, { on, ...(timer === at && { after: { 5: `s${Math.min(last, at + 1)}` } }) }];
  });
  const on = Object.fromEntries(MESSAGES.flatMap((type, at) => (fallback[at] === 'ignore' ? [[type, {}]] : [])));
  // Nothing leads to it: so the machine knows all messages, and those that it takes nowhere else are refused.
  const nowhere = { on: Object.fromEntries([...MESSAGES, 'GO', 'PICK'].map((type) => [type, {}])) };
  const states = { ...Object.fromEntries(entries), nowhere };
  const machine = loose({ actions }).createMachine({ initial: 's0', on, states });
  const choices: EventObject[] = [{ type: 'GO' }, { type: 'PICK' }];
  return actor(machine, {
    choices,
    ...(rest && { rest: rest.map((at) => `s${Math.min(last, at)}`) }),
  } as never) as Actor;
}

/** With one of its properties alone, or with none but the absence of deadlock. */
export function buildLooseSystem(spec: LooseSpec, only: number | 'deadlock'): System {
  const count = spec.actors.length;
  const name = (at: number) => `a${at % count}`;
  const friends = (at: number) => [name(at + 1), name(at + 2)];
  const channels: Record<string, Channel> = {};
  for (const { from, capacity, ...rest } of spec.channels) {
    const room = rest.order === 'set' ? Number.POSITIVE_INFINITY : capacity;
    channels[`from ${name(from)}`] = { from: [name(from)], to: friends(from % count), capacity: room, ...rest };
  }
  return defineSystem({
    actors: Object.fromEntries(spec.actors.map((each, at) => [name(at), buildActor(each, friends(at))])),
    channels: channels as never,
    blocking: spec.blocking.map((at) => MESSAGES[at]!),
    deadlock: only === 'deadlock' ? 'violation' : 'ignore',
    properties: () => (only === 'deadlock' ? [] : [buildProperty(spec.properties[only]!, name, spec.actors)]),
  });
}

function buildProperty(spec: PropertySpec, name: (at: number) => string, all: readonly ActorSpec[]): Property {
  switch (spec.kind) {
    case 'always':
    case 'reachable': {
      const { actors, states } = spec;
      // In a state that there is not, nobody ever is.
      const exists = (at: number, state: number) => state <= all[at % all.length]!.steps.length;
      const both = (view: SystemView) =>
        actors.every((at, i) => exists(at, states[i]!) && view.get(name(at)).matches(`s${states[i]}` as never));
      if (spec.kind === 'reachable') return { kind: 'reachable', name: 'together', witness: both };
      return { kind: 'always', name: 'never together', holds: (view) => !both(view) };
    }
    case 'happens': {
      const type = MESSAGES[spec.message]!;
      return { kind: 'happens', name: 'happens', message: { type, ...(spec.to !== null && { to: name(spec.to) }) } };
    }
    case 'monitor': {
      const [one, other] = [MESSAGES[spec.first]!, MESSAGES[spec.second]!];
      const machine = loose({}).createMachine({
        initial: 'none',
        states: {
          none: { on: { [one]: 'first' } },
          first: { on: { [other]: 'second' } },
          second: { tags: 'violation' },
        },
      });
      return { kind: 'monitor', name: 'one after the other', machine };
    }
  }
}
