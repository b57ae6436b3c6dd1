/**
 * Searches that do not look for short paths find what there is, and their paths end up about as short as those of searches that do,
 * and still lead to the same.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { check } from '../../src/explore/check.ts';
import { type Goal, shorten } from '../../src/explore/shorten.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { enabledSteps, findStep, type Path } from '../../src/tabulate/path.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';
import { replayTrace } from '../../src/trace/replay.ts';
import { labelOf, traceOf } from '../../src/trace/trace.ts';
import { reproduces } from '../reproduces.ts';
import { sweptFaults } from '../sweep.ts';

/**
 * In these a search for far states first goes astray: it follows something that grows for ever, or goes through very much else before it
 * turns round. It needs a bound, and finds nothing within it.
 */
const ASTRAY: ReadonlySet<string> = new Set([
  'mixed-group by-request',
  'late-ppr-entry no-zeros',
  'virtual-overflow without-pro',
]);

/** What walks come to is the same violation in another way, which cannot be made shorter step by step: its length. */
const OTHER_WAY: Readonly<Record<string, number>> = {
  'automatic-answers abort-printed': 7,
  'eviction-meets-fault waits-with-lock': 28,
  'late-ppr-entry no-wait': 38,
};

/** Too rare for as many walks as there are. */
const RARE: ReadonlySet<string> = new Set(['aborted-drain v7.0']);

describe.each(sweptFaults)('$scenario.name --variant $variant', ({ scenario, variant }) => {
  const system = scenario.build(scenario.parameters.parse({}), variant);
  const name = `${scenario.name} ${variant}`;
  const isAstray = ASTRAY.has(name);
  /** Searched once for all. */
  let searched: ReturnType<typeof check> | undefined;
  let searchedDepthFirst: ReturnType<typeof check> | undefined;
  const depthFirst = () => {
    searchedDepthFirst ??= check(system, { search: 'depth-first', ...(isAstray && { maxStates: 20_000 }) });
    return searchedDepthFirst;
  };
  // The runner keeps all of these closures to the end: of the whole catalogue they would hold more states than fit into memory.
  afterAll(() => {
    searched = undefined;
    searchedDepthFirst = undefined;
  });

  test.each(['depth-first', 'random'] as const)(
    'searched %s has a short trace, which live actors take',
    async (search) => {
      searched ??= check(system);
      const shortest = await searched;
      const result = await (search === 'depth-first' ? depthFirst() : check(system, { search }));
      if (search === 'random' && shortest.path!.cycleStart !== undefined) {
        // Walks remember no states, so they find no cycles.
        expect([result.verdict, result.bound]).toEqual(['unknown', 'walks']);
        return;
      }
      if (search === 'depth-first' ? isAstray : RARE.has(name)) {
        expect([result.verdict, result.bound]).toEqual(['unknown', search === 'random' ? 'walks' : 'states']);
        return;
      }
      expect(result.verdict).toBe('violated');
      // Of another property, another length may be the shortest one.
      if (result.property === shortest.property) {
        // Depth-first, a run may take a detour to the trigger of a `leadsTo` (docs/liveness.md).
        const kind = system.properties.find(({ name }) => name === result.property)?.kind;
        const length =
          search === 'depth-first' && kind === 'leadsTo' ? Number.POSITIVE_INFINITY : shortest.path!.steps.length;
        const max = (search === 'random' && OTHER_WAY[name]) || length * 1.5 + 2;
        expect(result.path!.steps.length).toBeLessThanOrEqual(max);
        expect(result.path!.steps.length).toBeGreaterThanOrEqual(shortest.path!.steps.length);
      }
      const replay = replayTrace(system, traceOf(result.tables, result.path!));
      expect(replay.violated).toContain(result.property);
      // What violates something else may be a dead end as well.
      if (result.deadEnd) expect(replay.deadEnd).toBe(true);
      expect(replay.changedAt).toBeUndefined();
    },
  );

  test('is found over a bit array, too', async () => {
    const exact = await depthFirst();
    const result = await check(system, { maxStates: 300_000, store: 'bitstate', bits: 2 ** 22 });
    expect(result).toMatchObject({ search: 'depth-first', store: 'bitstate', seed: 1 });
    // Without a path it was never witnessed in a whole space, which only an exact search can say; and a cycle is in whole states.
    if (exact.verdict !== 'violated' || !exact.path || exact.path.cycleStart !== undefined)
      expect(result.verdict).toMatch(/unknown|violated/);
    else expect(result.verdict).toBe('violated');
    if (result.path) reproduces(system, result);
  });
});

describe('a path', () => {
  /** Three presses make an alarm; a switch beside it matters to nobody, and neither does turning the alarm's dial. */
  const alarm = setup({
    types: { context: {} as { presses: number; dial: number } },
    actions: {
      count: assign({ presses: ({ context }) => context.presses + 1 }),
      turn: assign({ dial: ({ context }) => (context.dial + 1) % 5 }),
      complain: sendTo(({ system }) => system.get('light'), { type: 'NOISE' }),
    },
    guards: { enough: ({ context }) => context.presses >= 2 },
  }).createMachine({
    context: { presses: 0, dial: 0 },
    initial: 'quiet',
    states: {
      quiet: {
        on: {
          PRESS: [{ guard: 'enough', target: 'loud', actions: 'count' }, { actions: 'count' }],
          TURN: { actions: 'turn' },
        },
      },
      loud: { on: { TURN: { actions: 'complain' } } },
    },
  });
  const light = setup({}).createMachine({
    initial: 'off',
    states: { off: { on: { FLIP: 'on' } }, on: { on: { FLIP: 'off' } } },
  });
  const system = defineSystem({
    actors: {
      light: actor(light, { choices: [{ type: 'FLIP' }] }),
      alarm: actor(alarm, { choices: [{ type: 'PRESS' }, { type: 'TURN' }] }),
    },
    properties: ({ always }) => [always('quiet', (view) => view.get('alarm').matches('quiet'))],
  });
  const quiet: Goal = { kind: 'violation', property: 'quiet', deadEnd: false };

  function walked(tables: Tables, letters: string): Int32Array[] {
    const walker = new Walker(tables);
    walker.start();
    const states: Int32Array[] = [walker.current.slice()];
    for (const letter of letters) {
      const isWanted = ({ message }: Walker) => tables.messages[message]!.event.type.startsWith(letter);
      states.push(findStep(walker, states.at(-1)!, isWanted)!.state);
    }
    return states;
  }
  const labels = (tables: Tables, path: Path) => traceOf(tables, path).steps.map(labelOf);

  test('keeps only the steps that its end needs', () => {
    const tables = new Tables(system);
    const path = shorten(tables, walked(tables, 'TFPFTTPTFFTFFP'), quiet);
    expect(labels(tables, path)).toEqual(['alarm.PRESS', 'alarm.PRESS', 'alarm.PRESS']);
  });

  test('loses what is beside it where there is more of that than a route can go through', () => {
    const lights = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [`light${n}`, actor(light, { choices: [{ type: 'FLIP' }] })]),
    );
    const many = defineSystem({
      actors: { light: system.actors.light!, ...lights, alarm: system.actors.alarm! },
      properties: () => system.properties,
    });
    const tables = new Tables(many);
    const walker = new Walker(tables);
    walker.start();
    const states: Int32Array[] = [walker.current.slice()];
    const take = (name: string, type: string) => {
      const isWanted = ({ message }: Walker) =>
        tables.actors[tables.messages[message]!.to]!.name === name && tables.messages[message]!.event.type === type;
      states.push(findStep(walker, states.at(-1)!, isWanted)!.state);
    };
    for (let n = 0; n < 30; n++) {
      take(`light${n}`, 'FLIP');
      if (n % 10 === 5) take('alarm', 'PRESS');
      if (n % 10 === 7 && n < 20) take('alarm', 'TURN');
    }
    const path = shorten(tables, states.slice(0, states.length - 4), quiet, 30_000);
    expect(labels(tables, path)).toEqual(['alarm.PRESS', 'alarm.PRESS', 'alarm.PRESS']);
  });

  test('takes no way through a violation of another property', () => {
    const walk = setup({}).createMachine({
      initial: 'start',
      states: {
        start: { on: { AWAY: 'far', CUT: 'lawn' } },
        far: { on: { AWAY: 'farther' } },
        farther: { on: { AWAY: 'end' } },
        lawn: { on: { AWAY: 'end' } },
        end: {},
      },
    });
    const walks = defineSystem({
      actors: { walk: actor(walk, { choices: [{ type: 'AWAY' }, { type: 'CUT' }] }) },
      properties: ({ always }) => [
        always('never at the end', (view) => !view.get('walk').matches('end')),
        always('never on the lawn', (view) => !view.get('walk').matches('lawn')),
      ],
    });
    const tables = new Tables(walks);
    const goal: Goal = { kind: 'violation', property: 'never at the end', deadEnd: false };
    const path = shorten(tables, walked(tables, 'AAA'), goal);
    expect(labels(tables, path)).toEqual(['walk.AWAY', 'walk.AWAY', 'walk.AWAY']);
  });

  test('that is the shortest one stays as it is', () => {
    const tables = new Tables(system);
    expect(labels(tables, shorten(tables, walked(tables, 'PPP'), quiet))).toHaveLength(3);
  });

  test('is cut where it first reaches its end', () => {
    const tables = new Tables(system);
    expect(shorten(tables, walked(tables, 'PPPF'), quiet, 0).steps).toHaveLength(3);
  });

  test('loses its loops even when no work is allowed', () => {
    const tables = new Tables(system);
    const path = shorten(tables, walked(tables, 'FFFFTTTTTPTPFFP'), quiet, 0);
    expect(labels(tables, path)).toEqual(['alarm.PRESS', 'alarm.TURN', 'alarm.PRESS', 'alarm.PRESS']);
  });

  test('of any length is routed piece by piece', () => {
    const tables = new Tables(system);
    const path = shorten(tables, walked(tables, `${'FT'.repeat(15_000)}PPP`), quiet);
    expect(path.steps).toHaveLength(3);
  });

  test('to a model error keeps the failing step', () => {
    const unwatched = defineSystem({ actors: system.actors });
    const tables = new Tables(unwatched);
    const states = walked(tables, 'TFPFTPTFP');
    const walker = new Walker(tables);
    const error = (() => {
      try {
        return enabledSteps(walker, states.at(-1)!);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ code: 'unhandled-message' });
    const path = shorten(tables, states, { kind: 'model-error', error: error as never, inStep: true });
    expect(path.failed).toBe(true);
    expect(labels(tables, path).at(-1)).toBe('alarm.TURN');
    // The message of the error names the dial's and the light's state, so the steps that set them must stay.
    const replay = replayTrace(unwatched, traceOf(tables, path));
    expect(replay.error?.message).toBe((error as Error).message);
    expect(path.steps.length).toBeLessThan(10);
  });

  test('to a dead end does not end in a violation of the same property on the way, nor the other way round', () => {
    // The same monitor minds a step too far, and is left waiting where nothing can happen any more.
    const walk = setup({}).createMachine({
      initial: 'start',
      states: {
        start: { on: { AWAY: 'far', BAD: 'bad' } },
        far: { on: { AWAY: 'farther' } },
        farther: { on: { END: 'end' } },
        bad: { on: { AWAY: 'far' } },
        end: {},
      },
    });
    const minds = setup({}).createMachine({
      initial: 'calm',
      states: {
        calm: { on: { BAD: 'angry', END: 'waiting' } },
        angry: { tags: 'violation' },
        waiting: { tags: 'hot' },
      },
    });
    const events = ['AWAY', 'BAD', 'END'] as const;
    const walks = defineSystem({
      actors: { walk: actor(walk, { choices: events.map((type) => ({ type })), rest: ['end'] }) },
      properties: ({ monitor }) => [monitor('stays calm', minds)],
    });
    const tables = new Tables(walks);
    const goal = (deadEnd: boolean): Goal => ({ kind: 'violation', property: 'stays calm', deadEnd });
    const [long, short] = [walked(tables, 'AAE'), walked(tables, 'B')];
    expect(labels(tables, shorten(tables, long, goal(true)))).toEqual(['walk.AWAY', 'walk.AWAY', 'walk.END']);
    expect(labels(tables, shorten(tables, short, goal(false)))).toEqual(['walk.BAD']);
    expect(() => shorten(tables, long, goal(false))).toThrow('does not end in what it was said to end in');
    expect(() => shorten(tables, short, goal(true))).toThrow('does not end in what it was said to end in');
  });

  test('that does not end in what it should is refused', () => {
    const tables = new Tables(system);
    expect(() => shorten(tables, walked(tables, 'PFP'), quiet)).toThrow('does not end in what it was said to end in');
  });
});
