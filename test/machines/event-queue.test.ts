/** Stalls without a record, as SMMUv3 7.2.1 has them: what an invalidation makes of them. */
import { expect, test } from 'vitest';
import { setup } from 'xstate';
import { commandQueue } from '../../machines/hardware/smmu/command-queue.ts';
import { dmaStream } from '../../machines/hardware/smmu/dma-stream.ts';
import { eventQueue } from '../../machines/hardware/smmu/event-queue.ts';
import { tlb } from '../../machines/hardware/smmu/tlb.ts';
import { iommuPageTableEntry } from '../../machines/kernel/io-pgtable/leaf-entry.ts';
import { check } from '../../src/explore/check.ts';
import { monitor, type Observed } from '../../src/system/property.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';

/** Of dev1, whose page is page1. */
const records = setup({
  types: {
    context: {},
    events: {} as
      | Observed<{ type: 'STALL'; stag: string }>
      | Observed<{ type: 'TLBI'; page: string }>
      | Observed<{ type: 'WRITE_RECORD' }>,
  },
  guards: {
    isOfDev1: ({ event }) => event.type === 'STALL' && event.message.stag === 'dev1',
    isOfPage1: ({ event }) => event.type === 'TLBI' && event.message.page === 'page1',
  },
}).createMachine({
  context: {},
  initial: 'current',
  states: {
    current: { on: { TLBI: { guard: 'isOfPage1', target: 'outdated' } } },
    // A new stall is a new fault.
    outdated: { on: { STALL: { guard: 'isOfDev1', target: 'current' }, WRITE_RECORD: 'written' } },
    written: { tags: 'violation' },
  },
});

/** Two streams and room for one record; nothing is ever mapped, so that each access stalls, and each retry stalls again. */
function system(input: { eventQueue?: string }, invalidated: string) {
  const tlbs = { page0: 'tlb0', page1: 'tlb1', page2: 'tlb2' };
  const driver = setup({
    types: { context: {}, events: {} as { type: 'READ' } | { type: 'RECORD' } },
  }).createMachine({ context: {}, on: { RECORD: {} } });
  return defineSystem({
    actors: combineActors(
      family('dev', 2, (index) =>
        actor(dmaStream, {
          input: { name: `dev${index}`, eventQueue: 'evtq', tlbs },
          choices: [{ type: 'DMA', page: `page${index}`, write: false }],
          rest: () => true,
        }),
      ),
      family('tlb', 3, (index) => actor(tlb, { input: { name: `tlb${index}`, entry: `iopte${index}` } })),
      family('iopte', 3, () => actor(iommuPageTableEntry)),
      {
        evtq: actor(eventQueue, {
          input: { entries: 1 },
          choices: [
            { type: 'WRITE_RECORD', stag: 'dev1' },
            { type: 'RETRY_EARLY', stag: 'dev1' },
            { type: 'READ', by: 'driver' },
          ],
          rest: () => true,
        }),
        cmdq: actor(commandQueue, {
          input: { name: 'cmdq', tlbs, ...input },
          choices: [{ type: 'TLBI', page: invalidated }],
          rest: () => true,
        }),
        driver: actor(driver),
      },
    ),
    unsent: 'ignore',
    blocking: ['DMA', 'READ'],
    properties: ({ happens, reachable }) => [
      monitor('no record is of before an invalidation', records),
      happens('a record is written late', { type: 'WRITE_RECORD' }),
      happens('a stall is retried', { type: 'RETRY' }),
      reachable('a stall waits for room', (view) => 'dev1' in view.get('evtq').context.unrecorded),
    ],
  });
}

test('the record of a stall is not written once its page was invalidated: the stall is retried, which is a new one', async () => {
  const { verdict, error } = await check(system({ eventQueue: 'evtq' }, 'page1'));
  expect({ verdict, error }).toEqual({ verdict: 'holds', error: undefined });
});

test('the invalidation of another page is no matter', async () => {
  const { states } = await check(system({ eventQueue: 'evtq' }, 'page2'));
  expect(states).toBe((await check(system({}, 'page2'))).states);
});

test('without a word from the command queue a record may be older than an invalidation', async () => {
  const { verdict, property } = await check(system({}, 'page1'));
  expect({ verdict, property }).toEqual({ verdict: 'violated', property: 'no record is of before an invalidation' });
});
