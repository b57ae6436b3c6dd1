/** Whatever version a rig is given, the actor is of that one, and the compiler knows it. */
import { expect, expectTypeOf, test } from 'vitest';
import { sharedMapping } from '../../../machines/kernel/iommu-sva/shared-mapping.ts';
import { sharedMappingBtm } from '../../../machines/kernel/iommu-sva/shared-mapping-btm.ts';
import { mutex } from '../../../machines/kernel/locking/mutex.ts';
import { freeList } from '../../../machines/kernel/mm/free-list.ts';
import { assemble } from '../../../machines/rigs/assemble.ts';
import { actorOf, type Version } from '../../../machines/rigs/version.ts';
import { type Actor, defineSystem } from '../../../src/system/system.ts';

type Mapping = Version<{ name: string; frame: string; tlb: string; commandQueue: string }>;
const mapping = <M extends Mapping>(machine: M) => ({
  actors: { page: actorOf(machine, { input: { name: 'page', frame: 'f', tlb: 't', commandQueue: 'c' } }) },
});

test('is an actor of the machine that it is given, with what the rig says', () => {
  const page = actorOf(sharedMappingBtm, {
    input: { name: 'page', frame: 'f', tlb: 't', commandQueue: 'c' },
    choices: [{ type: 'CLEAN' }],
    rest: ['readOnly'],
  });
  expect(page.machine).toBe(sharedMappingBtm);
  expect(page).toMatchObject({ input: { name: 'page' }, choices: [{ type: 'CLEAN' }], rest: ['readOnly'] });
  expectTypeOf(page).toEqualTypeOf<Actor<typeof sharedMappingBtm>>();
});

test('keeps its type in the system that it is put into', () => {
  const rig = assemble(mapping(sharedMapping));
  defineSystem({
    ...rig.parts,
    properties: ({ always }) => {
      always('a state that it has', (view) => view.get('page').matches('writable'));
      // @ts-expect-error: there is no such state
      always('a state that it has not', (view) => view.get('page').matches('writeable'));
      return [];
    },
  });
});

test('is told when the system is built of a state that its version does not have', () => {
  const page = actorOf(mutex, { input: {}, rest: ['writable'] });
  expect(() => defineSystem({ actors: { page } })).toThrow(/writable/);
});

test('takes no input but one that the machine takes', () => {
  // @ts-expect-error: it is told neither its frame nor its TLB
  const rig = <M extends Mapping>(machine: M) => actorOf(machine, { input: { name: 'page' } });
  expect(rig(sharedMapping).input).toEqual({ name: 'page' });
});

test('is no machine that takes something else', () => {
  // @ts-expect-error: a free list takes frames
  expect(mapping(freeList).actors.page.machine).toBe(freeList);
});
