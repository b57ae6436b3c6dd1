/** What a stress run finds is a violation of the model: a short run from the initial state ends in it, as live actors confirm. */

import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, setup } from 'xstate';
import { shorten } from '../../src/explore/shorten.ts';
import { namedSteps } from '../../src/stress/log-steps.ts';
import type { Plan } from '../../src/stress/plan.ts';
import { renumbered, shortenLog } from '../../src/stress/shorten-log.ts';
import type { StressFinding } from '../../src/stress/stress.ts';
import { DEADLOCK_PROPERTY } from '../../src/system/property.ts';
import { type Actors, actor, defineSystem, type System } from '../../src/system/system.ts';
import { findStep } from '../../src/tabulate/path.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';
import { replayTrace } from '../../src/trace/replay.ts';
import type { TraceStep } from '../../src/trace/trace.ts';
import { planOf, runOf, SAFETY, scaled, scenarioOf } from './harness.ts';
import { paging } from './paging.ts';

/** How long the trace of a breadth-first search is, with the same parameters and two pages. */
const BREADTH_FIRST: Readonly<Record<string, number>> = {
  'pri-overflow no-discard': 11,
  'pri-overflow discard-first': 8,
  'pri-overflow split-cons': 12,
  'pri-overflow one-pass': 10,
  'pri-overflow ack-early': 11,
  'partial-fallthrough missing-return': 7,
  'partial-fallthrough last-status': 8,
  'racing-unmap lock-over-gup': 9,
  'racing-unmap no-lock-over-gup': 11,
  'racing-unmap late-seq': 13,
  'racing-unmap no-sync': 9,
  'atc-before-tlb atc-first': 18,
  'atc-before-tlb no-sync': 12,
  'flush-deadlock flush-under-lock': 11,
  'flush-deadlock pasid-mutex': 10,
  'flush-deadlock flush-first': 9,
  'group-owners two-owners': 7,
  'slow-reader mutex-held': 12,
};

const FAULTY = SAFETY.flatMap((name) =>
  Object.entries(scenarioOf(name).variants).flatMap(([variant, { expected }]) =>
    'property' in expected ? [{ name, variant, expected: expected.property }] : [],
  ),
);

/** A finding's log, cut down, on the small system that it needs, on tables and on live actors. */
function confirmed(plan: Plan, finding: StressFinding, build: (pages: number) => System) {
  const { steps, things } = renumbered(shortenLog(plan, finding));
  const system = build(Math.max(2, things));
  // What a step does is not known yet; only what identifies it is looked at.
  const replay = replayTrace(system, { steps: namedSteps(plan, steps) as TraceStep[] });
  return { system, replay, things };
}

/** Enough for these, and less than a second. */
const SHORTENING_STEPS = 200_000;

/** Shortened once more, by a search around the path. */
function shortestLength(system: System, indices: readonly number[], property: string, deadEnd: boolean): number {
  const tables = new Tables(system);
  const walker = new Walker(tables);
  walker.start();
  const states: Int32Array[] = [walker.current.slice()];
  for (const index of indices) states.push(findStep(walker, states.at(-1)!, (step) => step.index === index)!.state);
  const path = shorten(
    tables,
    { length: states.length, at: (at) => states[at] },
    { kind: 'violation', property, deadEnd },
    SHORTENING_STEPS,
  );
  return path.steps.length;
}

/** Of several that differ in a thing's number, any may be the one. */
const ofAny = (property: string) => property.replaceAll(/#|\b[a-z]+\d+\b/gi, '#');

describe('a faulty variant is found', () => {
  it.each(FAULTY)('$name --variant $variant', ({ name, variant, expected }) => {
    const { template, small, definition, population } = scaled(scenarioOf(name), variant, 64);
    const plan = planOf(template, { units: 4, population }, definition);
    const run = runOf(plan, { steps: 100_000, seed: 1 });
    const finding = run.runHere()!;
    const property = finding.property ?? DEADLOCK_PROPERTY;
    expect(['violation', 'dead-end']).toContain(finding.kind);
    const { system, replay, things } = confirmed(plan, finding, small);
    expect(replay.violated.map(ofAny)).toContain(ofAny(property));
    expect(replay.violated.map(ofAny)).toContain(ofAny(expected));
    const violated = replay.violated.find((name) => ofAny(name) === ofAny(expected))!;
    const indices = replay.trace.steps.map(({ index }) => index);
    const shortest = shortestLength(system, indices, violated, replay.deadEnd);
    // With more pages a dead end takes some steps more: all of them have to be taken back.
    expect(shortest).toBeLessThanOrEqual(BREADTH_FIRST[`${name} ${variant}`]! + 2 + 4 * Math.max(0, things - 2));
  });
});

describe('a finding about pages', () => {
  it('at the step that breaks an `always` property of a page, though it changes nothing of the page', () => {
    const build = (pages: number) =>
      paging(pages, {
        lean: true,
        properties: ({ always }) =>
          Array.from({ length: pages }, (_, index) =>
            always(
              `page${index} is present only while the handler is at work`,
              (view) => !(view.get(`page${index}`).matches('present') && view.get('handler').matches('idle')),
            ),
          ),
      });
    const plan = planOf(build(3), { population: 8 });
    const run = runOf(plan);
    const finding = run.runHere()!;
    expect(finding.property).toBe('# is present only while the handler is at work');
    const { replay } = confirmed(plan, finding, build);
    expect(replay.violated).toEqual([expect.stringMatching(/^page\d is present/)]);
    // In the run itself, which is not shortened yet, it was noticed at once.
    expect(namedSteps(plan, finding.log).at(-1)!.actor).toBe('handler');
  });

  it('of a property that tells many pages in one actor apart', () => {
    const MANY = 6;
    const collector = setup({
      types: { context: {} as { pages: string[] }, events: {} as { type: 'ADD' | 'RESET'; page: string } },
    }).createMachine({
      context: { pages: [] },
      on: {
        ADD: {
          guard: ({ context, event }) => context.pages.length < MANY && !context.pages.includes(event.page),
          actions: assign({ pages: ({ context, event }) => [...context.pages, event.page] }),
        },
        RESET: { actions: assign({ pages: [] }) },
      },
    });
    const picker = setup({
      types: { context: {} as { page: string | null }, events: {} as { type: 'PICK'; page: string } },
    }).createMachine({
      context: { page: null },
      on: { PICK: { actions: assign({ page: ({ event }) => event.page }) } },
    });
    const build = (pages: number) => {
      const names = Array.from({ length: pages }, (_, index) => `page${index}`);
      const each = (type: string) => names.map((page) => ({ type, page }));
      return defineSystem<Actors>({
        actors: {
          collector: actor(collector as AnyStateMachine, {
            choices: [...each('ADD'), { type: 'RESET' }],
            rest: () => true,
          }),
          picker: actor(picker as AnyStateMachine, { choices: each('PICK'), rest: () => true }),
        },
        population: names.map((name) => [name]),
        properties: ({ always }) => [
          always('the first of many is not picked', (view) => {
            const { page } = view.get('picker').context as { page: string | null };
            if (page === null) return true;
            const { pages } = view.get('collector').context as { pages: string[] };
            return pages.length < MANY || pages[0] !== page;
          }),
        ],
      });
    };
    const plan = planOf(build(8), { population: 12 });
    const finding = runOf(plan, { steps: 100_000, mix: 'random' }).runHere()!;
    expect(finding.kind).toBe('violation');
    // So many that a look-up does not tell all of them apart: the picked one may be any of them before it is the first.
    const { replay } = confirmed(plan, finding, build);
    expect(replay.violated).toEqual(['the first of many is not picked']);
    expect(replay.trace.steps.length).toBeGreaterThan(MANY);
  });
});

describe('two threads', () => {
  it.each([
    { name: 'pri-overflow', variant: 'ack-early' },
    { name: 'racing-unmap', variant: 'late-seq' },
    { name: 'group-owners', variant: 'two-owners' },
  ])('find $name --variant $variant', async ({ name, variant }) => {
    const { template, small, definition, population } = scaled(scenarioOf(name), variant, 64);
    const plan = planOf(template, { units: 4, population }, definition);
    const finding = (await runOf(plan, { threads: 2, steps: 1_000_000 }).run())!;
    expect(finding.kind).toBe('violation');
    expect(confirmed(plan, finding, small).replay.violated).toContain(finding.property);
  });
});
