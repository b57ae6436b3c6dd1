/**
 * A property that nothing violates may be true of anything. So each kind of property of safety and of progress (names that differ in a
 * number only are one kind) is what some variant of the catalogue is expected to violate, or a variant violates it beside that, or a fault
 * that is seeded here does; or it stands in a list with the reason why nothing does.
 */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { check } from '../../src/explore/check.ts';
import type { Property } from '../../src/system/property.ts';
import type { Expectation, Scenario } from '../../src/system/scenario.ts';
import { extendSystem, type System } from '../../src/system/system.ts';
import { isWholeSweep } from '../sweep.ts';

/** By kind, a variant that violates it and is expected to violate another one first: `scenario variant`. */
const ALSO_VIOLATED: Readonly<Record<string, string>> = {
  'a DMA of devN that was started ends': 'retry-livelock evict-oldest',
  'after a detach the device is not in its iopf queue': 'failed-replace blocks-first',
  'after devN was detached, groupN is freed': 'group-in-hand no-mutex',
  'after devN was detached, its fault parameter is freed': 'group-in-hand no-mutex',
  'an mm that is freed has no pins': 'unpin-after-free unreferenced',
  'no overflow is active while the thread sleeps': 'silent-overflow in-shadow',
  'the TLB has no fewer rights than the page table, unless a flush is under way': 'stale-readonly-entry no-flush',
  'the mapped bit of pageN tells the truth while containerLock is free': 'eviction-meets-fault leaves-bit',
  'valueN arrives when it is sent': 'alternating-bit reordered',
  'a store of vcpuN ends, unless dirty logging goes on for ever': 'loser-keeps-entry nobody',
  'an address translates while it is mapped, and only then': 'growing-page-table torn',
  'an exit of an address space ends, and so does the mmput() that it is in': 'mmput-in-notifier mmput-in-callback',
  'an overflow is acknowledged': 'unacknowledged-overflow in-shadow',
  'at most one group is lost': 'read-loop lost-group',
  'drainN returns': 'two-drains shared',
  'every complete page request group gets exactly one answer': 'stop-marker reported',
  'groupN is read': 'fault-delivery poll-checks-first',
  'no map and no unmap fails': 'growing-page-table torn',
  'the fault parameter lives as long as its device is in the queue, and no group is freed twice':
    'partial-fallthrough missing-return',
  'the thread of the event queue gets on with a record': 'two-handlers as-posted',
  'what processN submits while it is bound is not aborted': 'pasid-freed-at-exit freed-at-exit',
  'what the bitmap says is mapped, while nobody is at it': 'pin-on-fault unlocked',
};

/** By kind, why nothing violates it. */
const UNBROKEN: Readonly<Record<string, string>> = {
  'a released context has freed its objects': 'nobody has seeded a fault yet',
  'philosopherN and philosopherN never eat at the same time': 'nobody has seeded a fault yet',
};

const STATES_MAX = 50_000;

const kindOf = (name: string) => name.replaceAll(/\d+/g, 'N');
const violatedBy = (expected: Expectation) =>
  expected.verdict === 'holds' ? [] : 'properties' in expected ? expected.properties : [expected.property];
const build = (scenario: Scenario, variant: string) => scenario.build(scenario.parameters.parse({}), variant);

/** Witnesses are not claims: what nothing witnesses is violated already. */
const isClaim = ({ kind }: Property) => kind !== 'reachable' && kind !== 'happens';

const pinned = new Set<string>();
/** Where each kind is claimed. */
const kinds = new Map<string, { scenario: Scenario; property: Property }[]>();
for (const scenario of catalogue) {
  for (const [variant, { expected }] of Object.entries(scenario.variants)) {
    for (const name of violatedBy(expected)) pinned.add(kindOf(name));
    for (const property of build(scenario, variant).properties.filter(isClaim)) {
      const claims = kinds.get(kindOf(property.name)) ?? [];
      kinds.set(kindOf(property.name), [...claims, { scenario, property }]);
    }
  }
}

describe('each kind of property', () => {
  test('is violated by something, or listed with the reason why it is not', () => {
    const questioned = [...kinds.keys()].filter(
      (kind) => !pinned.has(kind) && !(kind in ALSO_VIOLATED) && !(kind in UNBROKEN),
    );
    expect(
      questioned,
      'Let a variant violate these, find one that does beside its own property, seed a fault, or give the reason here.',
    ).toEqual([]);
    expect(kinds.size).toBeGreaterThan(100);
  });

  test('is listed once, and only if no variant is expected to violate it', () => {
    const listed = [ALSO_VIOLATED, UNBROKEN].flatMap((list) => Object.keys(list));
    expect(listed.filter((kind) => !kinds.has(kind) || pinned.has(kind))).toEqual([]);
    expect(listed.filter((kind, at) => listed.indexOf(kind) !== at)).toEqual([]);
  });
});

/**
 * The variant as it is, with one property. It may leave it out, where it would report the cause ahead of what the variant is about; then it is
 * that of another variant.
 */
function asked(kind: string, scenario: Scenario, variant: string): { system: System; name: string } {
  const system = build(scenario, variant);
  const own = system.properties.find(({ name }) => kindOf(name) === kind);
  if (own) return { system, name: own.name };
  const { property } = kinds.get(kind)!.find((claim) => claim.scenario === scenario)!;
  return { system: extendSystem(system, { properties: () => [property] }), name: property.name };
}

describe('is violated beside what is expected', () => {
  test.each(Object.entries(ALSO_VIOLATED))('%s: %s', async (kind, where) => {
    const [name, variant] = where.split(' ');
    const scenario = catalogue.find((one) => one.name === name)!;
    const { system, name: property } = asked(kind, scenario, variant!);
    const { verdict } = await check(system, { properties: [property], symmetry: false, maxStates: STATES_MAX });
    expect(verdict).toBe('violated');
  });
});

/** Long: the search of every variant that has the property. */
describe.runIf(isWholeSweep)('is violated by no variant', () => {
  test.each(Object.keys(UNBROKEN))('%s', async (kind) => {
    for (const scenario of new Set(kinds.get(kind)!.map(({ scenario }) => scenario))) {
      for (const variant of Object.keys(scenario.variants)) {
        const system = build(scenario, variant);
        const names = system.properties.map(({ name }) => name).filter((name) => kindOf(name) === kind);
        if (names.length === 0) continue;
        const { property } = await check(system, { properties: names, maxStates: STATES_MAX });
        expect(property, `${scenario.name} ${variant}`).toBeUndefined();
      }
    }
  });
});
