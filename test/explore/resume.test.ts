/** What a search refuses to go on from, and what it asks again. */
import { describe, expect, test } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { type CheckOptions, check } from '../../src/explore/check.ts';
import {
  type Checkpoint,
  CheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
  identityOf,
} from '../../src/explore/checkpoint.ts';
import { Search } from '../../src/explore/search.ts';
import { actor, defineSystem, family, type System } from '../../src/system/system.ts';
import { Tables } from '../../src/tabulate/tables.ts';

/** What functions refer to: no text shows that it has changed. */
interface World {
  limit: number;
  bad: number;
  awaited: number;
  restful: boolean;
  met: number;
}

const FIRST: World = { limit: 9, bad: 100, awaited: 3, restful: true, met: 2 };
const world = { ...FIRST };

const counter = setup({
  types: { context: {} as { n: number }, events: {} as { type: 'GO' } },
  guards: { below: ({ context }) => context.n < world.limit },
  actions: { increment: assign({ n: ({ context }) => context.n + 1 }) },
}).createMachine({ context: { n: 0 }, on: { GO: { guard: 'below', actions: 'increment' } } });

function counters(): System {
  const rest = () => world.restful;
  return defineSystem({
    actors: family('d', 3, () => actor(counter, { choices: [{ type: 'GO' }], rest })),
    properties: ({ always, reachable, happens }) => [
      always('no bad one', (v) => !(v.get('d0').context.n === world.bad && v.get('d1').context.n === 0)),
      reachable('met', (v) => v.get('d0').context.n === world.met && v.get('d2').context.n === 0),
      happens('goes', { type: 'GO', where: ({ type }) => type.length < world.awaited }),
    ],
  });
}

/** Of a search that is stopped after so many slices; through bytes and back. */
async function saved(system: System, slices: number, options: CheckOptions = {}): Promise<Checkpoint> {
  let bytes: Uint8Array | undefined;
  const stopped = new AbortController();
  let time = 0;
  // Each look at the clock takes long, so that slices stay small.
  const clock = () => {
    time += 60;
    if (slices-- <= 0) stopped.abort();
    return time;
  };
  const save = (checkpoint: Checkpoint) => {
    bytes = Buffer.concat(encodeCheckpoint(checkpoint));
  };
  await check(system, {
    ...options,
    clock,
    signal: stopped.signal,
    checkpoint: { every: 1e9, title: 'counters', save },
  });
  return decodeCheckpoint(bytes!, 'it');
}

describe('a search goes on only where everything is as it was', () => {
  test('as it does when nothing has changed', async () => {
    Object.assign(world, FIRST);
    const whole = await check(counters());
    const resume = await saved(counters(), 20);
    expect(resume.snapshot.levelStarts.length).toBeGreaterThan(1);
    expect(resume.snapshot.states.columns.length).toBeLessThan(whole.states);
    const { verdict, property, states, steps, depth } = await check(counters(), { resume });
    expect({ verdict, property, states, steps, depth }).toEqual({
      verdict: whole.verdict,
      property: whole.property,
      states: whole.states,
      steps: whole.steps,
      depth: whole.depth,
    });
  });

  test.each<[what: string, change: Partial<World>, message: string]>([
    ['a guard, in a state that is known by now', { limit: 2 }, 'what "d'],
    ['`rest`', { restful: false }, 'what `rest` of actor "d0" says'],
    ['`where` of a pattern', { awaited: 1 }, 'what property "goes" says'],
  ])('not when %s says something else', async (_, change, message) => {
    Object.assign(world, FIRST);
    const resume = await saved(counters(), 20);
    Object.assign(world, change);
    await expect(check(counters(), { resume })).rejects.toThrow(message);
    await expect(check(counters(), { resume })).rejects.toBeInstanceOf(CheckpointError);
  });

  test('a property is asked about stored states again', async () => {
    Object.assign(world, FIRST);
    const resume = await saved(counters(), 20);
    Object.assign(world, { bad: 1 });
    const { verdict, property, path } = await check(counters(), { resume });
    expect({ verdict, property, length: path?.steps.length }).toEqual({
      verdict: 'violated',
      property: 'no bad one',
      length: 1,
    });
  });

  test('a witness is looked for again', async () => {
    Object.assign(world, FIRST);
    const resume = await saved(counters(), 20);
    expect(resume.snapshot.unwitnessed).not.toContain('met');
    Object.assign(world, { met: 50 });
    expect(await check(counters(), { resume })).toMatchObject({ verdict: 'violated', property: 'met' });
  });

  test('not with another symmetry, origin, version or kind of search', async () => {
    Object.assign(world, FIRST);
    const resume = await saved(counters(), 20, { origin: { 'the module a.ts': 'one' } });
    const refused = (identity: object, options: CheckOptions = { origin: { 'the module a.ts': 'one' } }) =>
      expect(check(counters(), { ...options, resume: { ...resume, identity: { ...resume.identity, ...identity } } }))
        .rejects;
    await refused({}, {}).toThrow('the module a.ts was one, and is not there');
    await refused({}, { origin: { 'the module a.ts': 'two' } }).toThrow('the module a.ts was one, and is two');
    await refused({ versions: { ...resume.identity.versions, xstate: '4.0.0' } }).toThrow('written with xstate 4.0.0');
    await refused({ symmetry: true }).toThrow('with symmetry');
    await refused({ search: 'depth-first' }).toThrow('depth-first');
    await refused({ store: 'bitstate' }).toThrow('bitstate');
    await refused({ system: { ...resume.identity.system, fairness: '' } }).toThrow('fairness differ');
  });

  test('not when the snapshot says something else of its values', async () => {
    Object.assign(world, FIRST);
    const { snapshot } = await saved(counters(), 20);
    const goOn = (changed: object) => {
      const search = new Search(new Tables(counters()), { states: 1e6, bytes: 1e9 });
      return search.resume({ ...snapshot, ...changed });
    };
    expect(goOn({})).toBe(undefined);
    expect(goOn({ values: snapshot.values.map((count) => count + 1) })).toContain('how many local states');
    expect(goOn({ digests: snapshot.digests.map((digest) => digest + 1) })).toContain('which local states');
  });
});

test('a level that has shown what ends the search is not saved', () => {
  const walker = setup({}).createMachine({
    initial: 'start',
    states: { start: { on: { LEFT: 'home', RIGHT: 'lost' } }, home: { on: { LEFT: 'start' } }, lost: {} },
  });
  const choices = [{ type: 'LEFT' }, { type: 'RIGHT' }];
  const search = new Search(new Tables(defineSystem({ actors: { walker: actor(walker, { choices }) } })), {
    states: 1e6,
    bytes: 1e9,
  });
  const saved: boolean[] = [];
  while (!search.run(1)) saved.push(search.snapshot() !== undefined);
  expect(search.finding).toMatchObject({ kind: 'violation', deadEnd: true });
  // The initial state has been expanded, and then all of the level with the dead end, which has not been ended yet.
  expect([saved[0], saved.at(-1)]).toEqual([true, false]);
});

test('the identity of a system has every part that a search depends on', () => {
  const definition = () => ({
    actors: {
      a: actor(
        setup({ actions: { tell: sendTo(({ system }) => system.get('b'), { type: 'TELL' }) } }).createMachine({
          on: { RUN: { actions: 'tell' } },
        }),
        { choices: [{ type: 'RUN' }] },
      ),
      b: actor(setup({}).createMachine({ on: { TELL: {} } })),
    },
  });
  const identity = (more: object) => identityOf(defineSystem({ ...definition(), ...more } as never));
  const plain = identity({});
  const differing = (more: object) =>
    Object.entries(identity(more)).flatMap(([name, part]) => (part === plain[name] ? [] : name));
  const channel = { to: ['b'], order: 'fifo', capacity: 1 };
  expect(differing({})).toEqual([]);
  expect(differing({ channels: { link: channel } })).toEqual(['channels']);
  expect(identity({ channels: { link: channel } })).not.toEqual(
    identity({ channels: { link: { ...channel, capacity: 2 } } }),
  );
  expect(differing({ blocking: ['TELL'] })).toEqual(['blocking']);
  expect(differing({ deadlock: 'ignore' })).toEqual(['deadlock']);
  expect(differing({ fairness: { a: 'strong' } })).toEqual(['fairness']);
  expect(differing({ properties: () => [{ kind: 'reachable', name: 'x', witness: () => true }] })).toEqual([
    'properties',
  ]);
});

test("a definition that nests too deep to be told is the model's mistake", async () => {
  let deep: object = {};
  for (let depth = 0; depth < 20_000; depth++) deep = { deep };
  const machine = setup({}).createMachine({ context: { deep }, on: { RUN: {} } });
  const system = defineSystem({ actors: { a: actor(machine, { choices: [{ type: 'RUN' }] }) }, deadlock: 'ignore' });
  const checkpoint = { every: 1, title: 'deep', save: () => {} };
  await expect(check(system, { checkpoint })).rejects.toMatchObject({ code: 'not-plain-data' });
});
