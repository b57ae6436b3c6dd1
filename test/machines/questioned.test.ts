/**
 * A property that nothing violates may be true of anything. So each kind of property of safety and of progress (names that differ in a
 * number only are one kind) is what some variant of the catalogue is expected to violate, or a variant violates it beside that, or a fault
 * that is seeded here does; or it stands in a list with the reason why nothing does.
 */
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, createMachine } from 'xstate';
import { catalogue } from '../../machines/races/index.ts';
import { check } from '../../src/explore/check.ts';
import type { Property } from '../../src/system/property.ts';
import type { Expectation, Scenario } from '../../src/system/scenario.ts';
import { extendSystem, type System } from '../../src/system/system.ts';
import { isWholeSweep } from '../sweep.ts';

/** By kind, a variant that violates it and is expected to violate another one, or one of several: `scenario variant`. */
const ALSO_VIOLATED: Readonly<Record<string, string>> = {
  'a DMA of devN that was started ends': 'retry-livelock evict-oldest',
  'a fault-capable domain is found only with a fault parameter (WARN_ON)': 'removal-before-drain vtd-rid',
  'a store of vcpuN ends, unless dirty logging goes on for ever': 'loser-keeps-entry nobody',
  'after a detach the device is not in its iopf queue': 'failed-replace blocks-first',
  'after devN was detached, groupN is freed': 'group-in-hand no-mutex',
  'after devN was detached, its fault parameter is freed': 'group-in-hand no-mutex',
  'after the device was detached and the thread is done, each group has its answer': 'removal-before-drain vtd-rid',
  'an address translates while it is mapped, and only then': 'growing-page-table torn',
  'an exit of an address space ends, and so does the mmput() that it is in': 'mmput-in-notifier mmput-in-callback',
  'an mm that is freed has no pins': 'unpin-after-free unreferenced',
  'an overflow is acknowledged': 'unacknowledged-overflow in-shadow',
  'at most one group is lost': 'read-loop lost-group',
  'drainN returns': 'two-drains shared',
  'every complete page request group gets exactly one answer': 'stop-marker reported',
  'groupN is read': 'fault-delivery poll-checks-first',
  'no group on a stack is freed': 'group-on-stack vtd-rid',
  'no map and no unmap fails': 'growing-page-table torn',
  'no overflow is active while the thread sleeps': 'silent-overflow in-shadow',
  'nobody touches the attach handle after it was freed': 'removal-before-drain vtd-rid',
  'the TLB has no fewer rights than the page table, unless a flush is under way': 'stale-readonly-entry no-flush',
  'the fault parameter lives as long as its device is in the queue, and no group is freed twice':
    'partial-fallthrough missing-return',
  'the mapped bit of pageN tells the truth while containerLock is free': 'eviction-meets-fault leaves-bit',
  'the thread of the event queue gets on with a record': 'two-handlers as-posted',
  'valueN arrives when it is sent': 'alternating-bit reordered',
  'what processN submits while it is bound is not aborted': 'pasid-freed-at-exit freed-at-exit',
  'who invalidates for the device that is gone comes back': 'aborted-drain v6.8',
  'what the bitmap says is mapped, while nobody is at it': 'pin-on-fault unlocked',
  'when the fault object is destroyed, each group that was reported has its answer': 'forgotten-response deliver-only',
  'when the fault object is destroyed, none of its groups is left in memory': 'forgotten-response deliver-only',
};

/** By kind, a fault that no variant has, since it would be silly as one: an actor of a variant that holds, with another machine. */
const SEEDED: Readonly<
  Record<string, { where: string; actor: string; machine: (right: AnyStateMachine) => AnyStateMachine }>
> = {
  // A guest whose flush waits for something that never comes.
  'an unbind comes back': {
    where: 'translated-pasid fixed',
    actor: 'guest',
    machine: (right) => right.provide({ guards: { hasNoneOf: () => false } }),
  },
  // iommufd_fops_release() that takes the xarray to be empty.
  'a released context has freed its objects': {
    where: 'close-against-destroy fixed',
    actor: 'ictx',
    machine: (right) => right.provide({ guards: { isEmpty: () => true } }),
  },
  'philosopherN and philosopherN never eat at the same time': {
    where: 'dining-philosophers left-handed',
    actor: 'fork1',
    machine: () => createMachine({ on: { TAKE: {}, PUT_DOWN: {} } }),
  },
};

/** By kind, why nothing violates it. */
const UNBROKEN: Readonly<Record<string, string>> = {};

const lists = [ALSO_VIOLATED, SEEDED, UNBROKEN];

const STATES_MAX = 50_000;

const kindOf = (name: string) => name.replaceAll(/\d+/g, 'N');

/** Of several that are expected it is enough that one is found, so they tell of a kind only if they are of one. */
function pinnedBy(expected: Expectation): readonly string[] {
  if (expected.verdict === 'holds') return [];
  const found = new Set(('properties' in expected ? expected.properties : [expected.property]).map(kindOf));
  return found.size === 1 ? [...found] : [];
}

const build = (scenario: Scenario, variant: string) => scenario.build(scenario.parameters.parse({}), variant);

/** Witnesses are not claims: what nothing witnesses is violated already. */
const isClaim = ({ kind }: Property) => kind !== 'reachable' && kind !== 'happens';

const pinned = new Set<string>();
/** Where each kind is claimed. */
const kinds = new Map<string, { scenario: Scenario; property: Property }[]>();
for (const scenario of catalogue) {
  for (const [variant, { expected }] of Object.entries(scenario.variants)) {
    for (const kind of pinnedBy(expected)) pinned.add(kind);
    for (const property of build(scenario, variant).properties.filter(isClaim)) {
      const claims = kinds.get(kindOf(property.name)) ?? [];
      kinds.set(kindOf(property.name), [...claims, { scenario, property }]);
    }
  }
}

describe('each kind of property', () => {
  test('is violated by something, or listed with the reason why it is not', () => {
    const questioned = [...kinds.keys()].filter((kind) => !pinned.has(kind) && !lists.some((list) => kind in list));
    expect(
      questioned,
      'Let a variant violate these, find one that does beside its own property, seed a fault, or give the reason here.',
    ).toEqual([]);
    expect(kinds.size).toBeGreaterThan(100);
  });

  test('is listed once, and only if no variant is expected to violate it', () => {
    const listed = lists.flatMap((list) => Object.keys(list));
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

test.each(Object.entries(SEEDED))(
  '%s is violated by a fault that is seeded',
  async (kind, { where, actor, machine }) => {
    const [name, variant] = where.split(' ');
    const scenario = catalogue.find((one) => one.name === name)!;
    const { system, name: property } = asked(kind, scenario, variant!);
    const right = system.actors[actor]!;
    const wrong = { ...system, actors: { ...system.actors, [actor]: { ...right, machine: machine(right.machine) } } };
    const asksFor = (one: System) => check(one, { properties: [property], symmetry: false, maxStates: STATES_MAX });
    expect((await asksFor(system)).verdict).toBe('holds');
    expect((await asksFor(wrong)).verdict).toBe('violated');
  },
);

/** Long: the search of every variant that has the property. */
test.runIf(isWholeSweep)('what is listed with a reason is violated by no variant', async () => {
  for (const kind of Object.keys(UNBROKEN)) {
    for (const scenario of new Set(kinds.get(kind)!.map((claim) => claim.scenario))) {
      for (const variant of Object.keys(scenario.variants)) {
        const system = build(scenario, variant);
        const names = system.properties.map(({ name }) => name).filter((name) => kindOf(name) === kind);
        if (names.length === 0) continue;
        const { property } = await check(system, { properties: names, maxStates: STATES_MAX });
        expect(property, `${scenario.name} ${variant}`).toBeUndefined();
      }
    }
  }
});
