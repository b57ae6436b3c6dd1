/**
 * Coverage against an independent account: what XState itself tells of every step that the naive twin takes, on random systems.
 * And against itself: how a system is searched must make no difference to what is covered.
 *
 * `FAULTLINE_RANDOM_SYSTEMS` sets how many random systems, `FAULTLINE_SEED` which ones.
 */
import { describe, expect, test } from 'vitest';
import type { AnyMachineSnapshot, AnyTransitionDefinition } from 'xstate';
import { catalogue } from '../../machines/races/index.ts';
import { coverageOf } from '../../src/coverage/coverage.ts';
import { coverageDocument } from '../../src/coverage/document.ts';
import { transitionsOf } from '../../src/diagram/machine-graph.ts';
import { type CheckOptions, check } from '../../src/explore/check.ts';
import { Threads } from '../../src/explore/threads.ts';
import type { System } from '../../src/system/system.ts';
import fc from '../fast-check.ts';
import { checkNaively, type NaiveMicrostep } from '../naive-checker.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';
import { SEED } from '../seed.ts';

/** By actor and monitor: what occurred. */
type Account = Record<string, { transitions: string[]; states: string[] }>;

const runs = Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 200);
const maxStates = 1000;

test(`agrees with the naive twin on ${runs} random systems, FAULTLINE_SEED=${SEED}`, {
  timeout: 60_000 + runs * 200,
}, async () => {
  let transitions = 0;
  let compared = 0;
  const agrees = fc.asyncProperty(systemSpecs, async (spec) => {
    const system = buildSystem(spec);
    const twin = accountByTwin(system);
    const result = await check(system, { maxStates, coverage: true });
    // Where a step fails or a bound is hit in the middle of a level, the two do not stop at the same step.
    if (!twin || result.verdict === 'model-error' || result.verdict === 'unknown') return;
    const account = accountOf(result);
    expect(withoutIgnoredChoices(account, system)).toEqual(withoutIgnoredChoices(twin, system));
    compared++;
    transitions += Object.values(account).flatMap((one) => one.transitions).length;
  });
  await fc.assert(agrees, { numRuns: runs, seed: SEED });
  if (runs < 200) return;
  expect(compared / runs).toBeGreaterThan(0.3);
  expect(transitions / compared).toBeGreaterThan(3);
});

/** From the per-actor part of the document: machines of random systems have no ids. */
function accountOf({ tables, occurred }: Awaited<ReturnType<typeof check>>): Account {
  const { machines } = coverageDocument(coverageOf(tables, occurred!));
  const account: Account = {};
  for (const { actors } of Object.values(machines)) {
    for (const [name, { transitions, states }] of Object.entries(actors!)) {
      account[name] = { transitions: transitions.toSorted(), states: states.toSorted() };
    }
  }
  return account;
}

/** Undefined when a step fails or there are too many states. */
function accountByTwin(system: System): Account | undefined {
  const seen = new Map<string, { transitions: Set<string>; states: Set<string> }>();
  const machines = new Map(Object.entries(system.actors).map(([name, { machine }]) => [name, machine]));
  for (const property of system.properties) {
    if (property.kind === 'monitor') machines.set(property.name, property.machine);
  }
  for (const [name, machine] of machines) {
    // All machines of random systems start in the first state of each of their regions, or of `work`.
    const value = initialValue(machine.config as RandomConfig);
    seen.set(name, { transitions: new Set(), states: new Set(pathsOf(value)) });
  }
  const ids = new Map<AnyTransitionDefinition, string>();
  const idOf = (transition: AnyTransitionDefinition) => {
    if (!ids.has(transition)) {
      for (const { definition, id } of transitionsOf(transition.source.machine)) ids.set(definition, id);
    }
    return ids.get(transition)!;
  };
  const note = ({ name, snapshot, _transitions }: NaiveMicrostep) => {
    const { transitions, states } = seen.get(name)!;
    for (const transition of _transitions) transitions.add(idOf(transition));
    for (const path of pathsOf((snapshot as AnyMachineSnapshot).value)) states.add(path);
  };
  const { verdict } = checkNaively(system, {
    maxStates,
    onStep: (microsteps) => {
      for (const microstep of microsteps) note(microstep);
    },
  });
  if (verdict === 'model-error' || verdict === 'unknown') return undefined;
  const account: Account = {};
  for (const [name, { transitions, states }] of seen) {
    account[name] = { transitions: [...transitions].sort(), states: [...states].sort() };
  }
  return account;
}

/** What keeps a choice from being enabled is covered where the choice is looked at; the twin's steps do not show that. */
function withoutIgnoredChoices(account: Account, { actors }: System): Account {
  return Object.fromEntries(
    Object.entries(account).map(([name, { states, transitions }]) => {
      const actor = actors[name];
      const ignored = new Set(
        (actor ? transitionsOf(actor.machine) : [])
          .filter(({ definition: { eventType, target, actions } }) => {
            const isChoice = actor!.choices.some(({ type }) => type === eventType);
            return isChoice && target === undefined && actions.length === 0;
          })
          .map(({ id }) => id),
      );
      return [name, { states, transitions: transitions.filter((id) => !ignored.has(id)) }];
    }),
  );
}

interface RandomConfig {
  readonly type?: 'parallel';
  readonly initial?: string;
  readonly states?: Readonly<Record<string, RandomConfig>>;
}

function initialValue({ type, initial, states = {} }: RandomConfig): unknown {
  if (type === 'parallel') {
    return Object.fromEntries(Object.entries(states).map(([key, region]) => [key, initialValue(region)]));
  }
  if (initial === undefined) return {};
  const inner = initialValue(states[initial]!);
  return Object.keys(inner as object).length === 0 ? initial : { [initial]: inner };
}

function pathsOf(value: unknown, prefix = ''): string[] {
  if (typeof value === 'string') return [prefix + value];
  return Object.entries(value as object).flatMap(([key, inner]) => [
    prefix + key,
    ...pathsOf(inner, `${prefix}${key}.`),
  ]);
}

describe('what is covered does not depend on how a system is searched', () => {
  const find = (name: string) => catalogue.find((scenario) => scenario.name === name)!;
  const coverageBy = async (name: string, variant: string, options: CheckOptions) => {
    const scenario = find(name);
    const result = await check(scenario.build(scenario.parameters.parse({}), variant), { ...options, coverage: true });
    return coverageDocument(coverageOf(result.tables, result.occurred!));
  };

  test.each([
    ['flush-deadlock', 'fixed'],
    ['slow-reader', 'fixed'],
    ['two-phase-commit', 'fixed'],
    ['racing-unmap', 'fixed'],
  ])('with and without symmetry: %s %s', async (name, variant) => {
    const without = await coverageBy(name, variant, { symmetry: false });
    expect(Object.values(without.machines).every(({ unreached }) => unreached.proven)).toBe(true);
    expect(await coverageBy(name, variant, { symmetry: true })).toEqual(without);
  });

  test('depth-first, by fingerprints, and by threads', async () => {
    const exact = await coverageBy('flush-deadlock', 'fixed', { symmetry: false });
    expect(await coverageBy('flush-deadlock', 'fixed', { search: 'depth-first' })).toEqual(exact);
    const threads = new Threads(2, { partMin: 64 });
    await threads.start();
    try {
      expect(await coverageBy('flush-deadlock', 'fixed', { symmetry: false, threads })).toEqual(exact);
    } finally {
      await threads.close();
    }
    const compact = await coverageBy('flush-deadlock', 'fixed', { store: 'hash-compact' });
    expect(compact).toEqual({
      machines: Object.fromEntries(
        Object.entries(exact.machines).map(([name, machine]) => [
          name,
          // A state may have been taken for another.
          { ...machine, unreached: { ...machine.unreached, proven: false } },
        ]),
      ),
    });
  });

  test.each([
    ['random walks', { search: 'random', walks: 20 }],
    ['a bit array', { store: 'bitstate', bits: 2 ** 20 }],
  ] as const)('%s cover a part of it, and prove nothing', async (_, options) => {
    const exact = await coverageBy('flush-deadlock', 'fixed', { symmetry: false });
    const some = await coverageBy('flush-deadlock', 'fixed', options);
    for (const [name, { states, transitions, unreached }] of Object.entries(some.machines)) {
      expect(exact.machines[name]!.states).toEqual(expect.arrayContaining(states));
      expect(exact.machines[name]!.transitions).toEqual(expect.arrayContaining(transitions));
      expect(unreached.proven).toBe(false);
    }
    expect(some.machines.unbindThread!.transitions.length).toBeGreaterThan(2);
  });
});
