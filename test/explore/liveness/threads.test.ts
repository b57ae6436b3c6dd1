/** Threads that link the graph change nothing but the time: not what is decided, and not one step of a run that is told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../../machines/races/index.ts';
import { check } from '../../../src/explore/check.ts';
import type { Dividing } from '../../../src/explore/dividing.ts';
import { asksForProgress, Liveness } from '../../../src/explore/liveness/liveness.ts';
import { Search } from '../../../src/explore/search.ts';
import { Threads } from '../../../src/explore/threads.ts';
import { ModelError } from '../../../src/system/errors.ts';
import { infinitelyOften } from '../../../src/system/property.ts';
import type { System } from '../../../src/system/system.ts';
import { Tables } from '../../../src/tabulate/tables.ts';
import fc from '../../fast-check.ts';
import { buildSystem, progressSpecs } from '../../random-systems.ts';
import { SEED } from '../../seed.ts';

const EAGER = { partMin: 1, linkAfter: () => 0 };
const pools = [1, 2, 4, 8].map((count) => new Threads(count, EAGER));
const two = pools[1]!;
beforeAll(async () => {
  await Promise.all(pools.map((threads) => threads.start()));
});
afterAll(async () => {
  await Promise.all(pools.map((threads) => threads.close()));
});

const runs = Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 60);

interface Circumstances {
  readonly threads?: Threads | undefined;
  /** Whether they take part in the search, too. */
  readonly inSearch?: boolean;
  readonly bytes?: number;
  readonly states?: number;
  readonly dividing?: Dividing;
}

/** What is said of the properties of progress; undefined when the search has an end of another kind. */
async function decided(system: System, { threads, inSearch, ...given }: Circumstances = {}) {
  const { bytes = 2 ** 31, states = 100_000, dividing = { at: [] } } = given;
  const search = new Search(new Tables(system), { states, bytes }, { dividing });
  while (!search.done && !search.finding) if (!inSearch || !(await threads?.expand(search))) search.run(20);
  if (search.finding && search.finding.kind !== 'bound') return undefined;
  const liveness = new Liveness(search);
  for (const _ of liveness.run()) while (liveness.graph && (await threads?.link(liveness.graph)));
  const undecided = system.properties.filter((one) => asksForProgress(one) && !liveness.isDecided(one.name));
  return {
    states: search.states,
    undecided: undecided.map(({ name }) => name),
    violations: liveness.violations,
    error: liveness.error?.error.code,
    bytesMax: liveness.bytesMax,
    /** How often the coordinator has looked the steps of a state up. */
    lookedUp: liveness.graph!.lookedUp,
  };
}

/** Without what depends on the order in which a search with other threads finds states. */
function lengthsOf(outcome: Awaited<ReturnType<typeof decided>>) {
  const { states, undecided, violations, error } = outcome ?? {};
  const lengths = violations?.map(({ property, deadEnd, path: { steps, cycleStart } }) => ({
    ...{ property, deadEnd, length: steps.length, cycleStart },
  }));
  return { states, undecided, error, lengths };
}

function scenarioOf(name: string, variant: string, size: Record<string, unknown>): System {
  const scenario = catalogue.find((candidate) => candidate.name === name)!;
  return scenario.build(scenario.parameters.parse(size), variant);
}

/** Every state is outside the goal, so every state and step is looked at. */
function neverIn(system: System): System {
  return { ...system, properties: [...system.properties, infinitelyOften('never', () => false)] };
}

const philosophers = (count = 7) => neverIn(scenarioOf('dining-philosophers', 'all-states', { philosophers: count }));

describe('a graph that other threads link', () => {
  it(`has the same runs on ${runs} random systems, FAULTLINE_SEED=${SEED}`, {
    timeout: 120_000 + runs * 2000,
  }, async () => {
    const seen = { lassos: 0, ends: 0, none: 0 };
    let states = 0;
    const before = pools.map(({ linked }) => linked);
    const outcomeOf = async (system: System, circumstances: Circumstances) => {
      try {
        return await decided(system, { ...circumstances, states: 300 });
      } catch (error) {
        // What nobody ever starts cannot be treated fairly.
        if (error instanceof ModelError) return undefined;
        throw error;
      }
    };
    const isSame = fc.asyncProperty(progressSpecs, async (spec) => {
      const alone = await outcomeOf(buildSystem(spec), {});
      // A search that was cut short is looked at by the coordinator.
      fc.pre(alone !== undefined && alone.states <= 300);
      if (buildSystem(spec).properties.some(asksForProgress)) states += alone.states;
      const [first] = alone.violations;
      if (first) seen[first.path.cycleStart === undefined ? 'ends' : 'lassos']++;
      else seen.none++;
      for (const threads of pools) {
        const linked = await outcomeOf(buildSystem(spec), { threads });
        const { lookedUp, bytesMax } = alone;
        expect({ ...linked, lookedUp, bytesMax }).toEqual(alone);
      }
      const throughout = await outcomeOf(buildSystem(spec), { threads: two, inSearch: true });
      expect(lengthsOf(throughout)).toEqual(lengthsOf(alone));
    });
    await fc.assert(isSame, { numRuns: runs, seed: SEED });
    pools.forEach(({ linked }, at) => {
      const times = pools[at] === two ? 2 : 1;
      expect(linked - before[at]!).toBe(times * states);
    });
    if (runs >= 60) expect(Math.min(...Object.values(seen))).toBeGreaterThan(2);
  });

  it.each([
    ['retry-livelock', 'evict-oldest', { dmas: 3 }],
    ['retry-livelock', 'fixed', { dmas: 3 }],
    ['read-loop', 'fixed', {}],
    ['read-loop', 'inner-loop', {}],
    ['iopf-timeout', 'fixed', {}],
    ['iopf-timeout', 'no-timeout', {}],
    ['alternating-bit', 'fixed', {}],
    ['unacknowledged-overflow', 'fixed', {}],
    ['dining-philosophers', 'all-states', { philosophers: 7 }],
  ] as const)('has the same runs in %s %s %o', async (name, variant, size) => {
    const system = () => neverIn(scenarioOf(name, variant, size));
    const alone = await decided(system());
    expect(alone!.violations.length).toBeGreaterThan(0);
    for (const threads of pools) {
      const before = threads.linked;
      const linked = await decided(system(), { threads });
      expect(linked).toMatchObject({ violations: alone!.violations, undecided: alone!.undecided });
      expect(linked!.lookedUp).toBeLessThan(alone!.lookedUp);
      expect(threads.linked - before).toBe(alone!.states);
      expect(lengthsOf(await decided(system(), { threads, inSearch: true }))).toEqual(lengthsOf(alone));
    }
  });

  it('is linked by the coordinator where steps have to become known again', async () => {
    // All that is known of steps is forgotten when the slots are divided anew.
    const dividing = { at: [1000] };
    const alone = await decided(philosophers(), { dividing });
    for (const threads of pools) {
      const before = threads.linked;
      const linked = await decided(philosophers(), { threads, dividing });
      expect(linked).toMatchObject({ violations: alone!.violations });
      expect(threads.linked - before).toBeGreaterThan(alone!.states / 2);
      expect(threads.linked - before).toBeLessThan(alone!.states);
    }
  });

  it('counts its memory, and goes without where there is no room', async () => {
    // The search takes less than the graph does when the slots are divided well.
    const dividing = { at: [200] };
    const alone = await decided(philosophers(9), { dividing });
    const linked = await decided(philosophers(9), { threads: two, dividing });
    const more = linked!.bytesMax - alone!.bytesMax;
    // A word for each of about six steps, one for the head of each list, and one for where it is.
    expect(more).toBeGreaterThan(6 * 4 * alone!.states);
    const before = two.linked;
    const bytes = alone!.bytesMax + more;
    expect(await decided(philosophers(9), { threads: two, dividing, bytes })).toEqual(alone);
    expect(two.linked).toBe(before);
  });

  it('is not linked when the search was cut short', async () => {
    const states = 1000;
    const alone = await decided(philosophers(), { states });
    const before = two.linked;
    expect(await decided(philosophers(), { threads: two, states })).toEqual(alone);
    expect(two.linked).toBe(before);
  });

  it('is left to the coordinator when it is small', async () => {
    const threads = new Threads(2);
    await threads.start();
    expect(await decided(philosophers(), { threads })).toEqual(await decided(philosophers()));
    expect(threads.linked).toBe(0);
    await threads.close();
  });

  it('is linked between two turns of a check, which can be interrupted', async () => {
    let now = 0;
    // Each look at the clock is the end of a slice.
    const clock = () => (now += 100);
    const alone = await check(philosophers(), { symmetry: false });
    const before = two.linked;
    const linked = await check(philosophers(), { symmetry: false, threads: two, clock });
    expect(two.linked - before).toBe(alone.states);
    expect(linked).toMatchObject({ verdict: 'violated', property: 'never', states: alone.states });
    expect(linked.path!.steps).toEqual(alone.path!.steps);
    expect(linked.bytesPerState).toBeGreaterThan(alone.bytesPerState);
    const stop = new AbortController();
    const stopped = await check(philosophers(), {
      ...{ symmetry: false, threads: two, clock, signal: stop.signal },
      onProgress: ({ phase }) => phase === 'cycles' && stop.abort(),
    });
    expect(stopped).toMatchObject({ verdict: 'unknown', bound: 'interrupted' });
  });
});
