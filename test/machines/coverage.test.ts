/**
 * The catalogue covers its machines: every transition of every machine is taken in some variant at its default size, or
 * `unreached.ts` says why not.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import * as library from '../../machines/index.ts';
import { catalogue } from '../../machines/races/index.ts';
import { coverageOf, type MachineCoverages, unionOf } from '../../src/coverage/coverage.ts';
import { coverageDocument, type FullMachineDocument } from '../../src/coverage/document.ts';
import { check } from '../../src/explore/check.ts';
import { isMachine } from '../../src/system/xstate.ts';
import { UNREACHED, VERSIONS } from './unreached.ts';

let machines: Readonly<Record<string, FullMachineDocument>> = {};
const built = new Map<string, AnyStateMachine>();

beforeAll(async () => {
  const coverages: MachineCoverages[] = [];
  for (const scenario of catalogue) {
    for (const variant of Object.keys(scenario.variants)) {
      const system = scenario.build(scenario.parameters.parse({}), variant);
      for (const { machine } of Object.values(system.actors)) built.set(machine.id, machine);
      const { tables, occurred } = await check(system, { coverage: true });
      coverages.push(coverageOf(tables, occurred!));
    }
  }
  machines = coverageDocument(unionOf(coverages)).machines;
}, 600_000);

describe('every transition of the catalogue', () => {
  test('is taken by some variant, or listed with a reason', () => {
    const unexplained = Object.entries(machines).flatMap(([name, { unreached }]) =>
      unreached.transitions.filter((id) => !isExplained(name, id)).map((id) => `${name}: ${id}`),
    );
    expect(
      unexplained,
      'No variant takes these at its default size. Let a scenario take them, remove them from their machine, or give the reason in test/machines/unreached.ts.',
    ).toEqual([]);
  });

  test('is listed only if it exists and is not taken', () => {
    const stale = Object.entries(UNREACHED).flatMap(([name, reasons]) =>
      Object.keys(reasons)
        .filter((id) => !machines[name]?.unreached.transitions.includes(id))
        .map((id) => `${name}: ${id}`),
    );
    expect(stale, 'Remove these from test/machines/unreached.ts: they are taken, or gone.').toEqual([]);
  });

  test('belongs to a machine that some scenario has', () => {
    const ids = Object.values(library)
      .filter(isMachine)
      .map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(30);
    expect(
      [...new Set(ids)].filter((id) => machines[id] === undefined).sort(),
      'No scenario has an actor with these machines.',
    ).toEqual([]);
  });

  test('has an id that tells its machine from all others', () => {
    expect(Object.keys(machines).filter((name) => name.includes('#'))).toEqual([]);
  });
});

/** A version need not take again what it has from the machine that it is a version of. */
function isExplained(name: string, id: string): boolean {
  if (UNREACHED[name]?.[id] !== undefined) return true;
  const base = VERSIONS[name];
  if (base === undefined || configOf(name, id) !== configOf(base, id)) return false;
  return !machines[base]!.unreached.transitions.includes(id) || isExplained(base, id);
}

/** What the definition says of an event or of `always` in a state: `deciding always/1` is the second transition of one. */
function configOf(name: string, id: string): unknown {
  const [, path, event] = /^(.*) (.*?)(?:\/\d+)?$/.exec(id)!;
  let node: AnyStateNode | undefined = built.get(name)!.root;
  // A version may have a state of its own.
  if (path !== '(root)') for (const key of path!.split('.')) node = node?.states[key];
  return event === 'always' ? node?.config.always : node?.config.on?.[event!];
}
