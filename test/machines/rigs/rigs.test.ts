/** What rigs make of their sizes and versions; that whole systems of them behave as they did is pinned with the scenarios. */
import { describe, expect, test } from 'vitest';
import { mutex } from '../../../machines/kernel/locking/mutex.ts';
import { vfioIopfSequence } from '../../../machines/kernel/vfio-type1/iopf-sequence.ts';
import { assemble, inThread } from '../../../machines/rigs/assemble.ts';
import { startsFaultingDma } from '../../../machines/rigs/guest.ts';
import { iommufdFaults, presentBuffer } from '../../../machines/rigs/iommufd.ts';
import { GROUP_LIFETIME, ownedGroups } from '../../../machines/rigs/owned-groups.ts';

describe('a version in a thread', () => {
  test('gets the input of the rig, and what it wants to know beside it', () => {
    const handler = inThread(vfioIopfSequence, { sequence: 'sequence' });
    const wiring = { name: 'handler', lock: 'containerLock', mapped: {}, entries: {} };
    expect(handler(wiring)).toEqual({
      machine: vfioIopfSequence,
      input: { ...wiring, sequence: 'sequence' },
      choices: [{ type: 'RUN' }],
      rest: ['idle'],
    });
  });

  test('is a machine that a scheduler can let run', () => {
    // @ts-expect-error a mutex has no event RUN
    expect(inThread(mutex)({}).machine).toBe(mutex);
  });
});

describe('owned groups', () => {
  const { actors } = ownedGroups({ handlers: ['fault', 'sva'], groups: 2 });

  test('are those of the first device first, each with its index and its fault parameter', () => {
    expect(actors.param1?.input).toMatchObject({ groups: { prg0: 'group2', prg1: 'group3' }, handler: 'sva' });
    expect(actors.group2?.input).toEqual({ name: 'group2', index: 'prg0', param: 'param1' });
    expect(Object.keys(actors).filter((name) => name.startsWith('group'))).toHaveLength(4);
    expect(actors.prq.input).toEqual({ entries: 4 });
  });

  test('say of each device that it gets one answer', () => {
    const { always } = ownedGroups({ handlers: ['fault', 'sva'], groups: 2 });
    expect(always.map(({ name }) => name)).toEqual([
      GROUP_LIFETIME,
      'dev0 gets exactly one answer to each group',
      'dev1 gets exactly one answer to each group',
    ]);
  });

  test('need somebody who handles', () => {
    const groups = ownedGroups({ handlers: ['fault'], groups: 1 });
    // @ts-expect-error nobody is called "fault"
    expect(() => assemble(groups)).toThrow('a rig expects the actor "fault", and no rig provides it');
    expect(() => assemble(groups, iommufdFaults({ readers: 1, buffers: ['buffer'] }), presentBuffer)).not.toThrow();
  });
});

test('whoever starts DMA leaves out what somebody else starts', () => {
  const except = { device: 'dev1', index: 'prg0' };
  expect(startsFaultingDma(['dev0', 'dev1'], ['prg0', 'prg1'], except).choices).toEqual([
    { type: 'POST_FAULTING_DMA', device: 'dev0', index: 'prg0' },
    { type: 'POST_FAULTING_DMA', device: 'dev0', index: 'prg1' },
    { type: 'POST_FAULTING_DMA', device: 'dev1', index: 'prg1' },
  ]);
});
