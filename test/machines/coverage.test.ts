/**
 * The catalogue covers its machines: every transition of every machine is taken in some variant at its default size, or
 * `unreached.ts` says why not.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import * as library from '../../machines/index.ts';
import { catalogue } from '../../machines/races/index.ts';
import { coverageOf, type MachineCoverages, unionOf } from '../../src/coverage/coverage.ts';
import { coverageDocument, type FullMachineDocument } from '../../src/coverage/document.ts';
import { check } from '../../src/explore/check.ts';
import { isMachine } from '../../src/system/xstate.ts';
import { UNREACHED } from './unreached.ts';

let machines: Readonly<Record<string, FullMachineDocument>> = {};

beforeAll(async () => {
  const coverages: MachineCoverages[] = [];
  for (const scenario of catalogue) {
    for (const variant of Object.keys(scenario.variants)) {
      const { tables, occurred } = await check(scenario.build(scenario.parameters.parse({}), variant), {
        coverage: true,
      });
      coverages.push(coverageOf(tables, occurred!));
    }
  }
  machines = coverageDocument(unionOf(coverages)).machines;
}, 600_000);

describe('every transition of the catalogue', () => {
  test('is taken by some variant, or listed with a reason', () => {
    const unexplained = Object.entries(machines).flatMap(([name, { unreached }]) =>
      unreached.transitions.filter((id) => UNREACHED[name]?.[id] === undefined).map((id) => `${name}: ${id}`),
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
