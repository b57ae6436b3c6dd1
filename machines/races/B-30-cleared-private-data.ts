/**
 * B-30: some functions put private data into their page requests, which the answer has to have as well: the hardware finds the request by it.
 * prq_event_thread() copied it into the answer, and two lines further down set the same words to 0. To the thread the request has been
 * answered, to the function it has not, and its DMA waits for ever. 1d421058c815 (v5.13) sets them to 0 first.
 *
 * There is no interleaving in it; what decides is what the function puts in. Without private data nothing is wrong (`no-private-data`),
 * which is why it stayed for fifteen releases.
 *
 * Simplifications: one function, one process, which binds once and does not unbind; the failed look-up, whose answer is cleared in the same way, does not
 * occur.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { pageRequestRegisters } from '../hardware/vtd/page-request-registers.ts';
import { pasidTable } from '../hardware/vtd/pasid-table.ts';
import { privateDataFunction } from '../hardware/vtd/private-data-function.ts';
import { prqEventThreadV50 } from '../kernel/intel/prq-event-thread-v5.0.ts';
import { prqEventThreadV50ClearsPrivateData } from '../kernel/intel/prq-event-thread-v5.0-clears-private-data.ts';
import { intelSvm } from '../kernel/intel/svm.ts';
import { svmBindV58 } from '../kernel/intel/svm-bind-v5.8.ts';
import { ioasid } from '../kernel/iommu/ioasid.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { names } from '../parts/names.ts';

const answered = (index: string) => `what the function asks for with ${index} is answered`;

export const clearedPrivateData = defineScenario({
  name: 'cleared-private-data',
  title: 'The private data of a page request is copied into its answer, and then cleared',
  sources: ['B-30', '1d421058c815', '5b438f4ba315', 'drivers/iommu/intel/svm.c prq_event_thread()', 'VT-d 7.6'],
  group: 'iopf',
  systems: ['vtd-prq', 'fault-message'],
  parameters: z.object({
    indexes: z.number().int().min(1).max(3).default(1).describe('page request group indexes of the function'),
    entries: z.number().int().min(1).max(4).default(2).describe('entries of the page request queue'),
  }),
  variants: {
    fixed: {
      title: 'the answer has the private data of its request (1d421058c815, v5.13)',
      expected: { verdict: 'holds', counts: [28, 37] },
    },
    cleared: {
      title: 'the private data is cleared after it has been copied (5b438f4ba315, v5.0, to v5.12)',
      expected: { verdict: 'violated', property: answered('prg0') },
    },
    'no-private-data': {
      title: 'the same with a function that has none in its requests',
      expected: { verdict: 'holds', counts: [25, 32] },
    },
  },
  build({ indexes, entries }, variant) {
    const prgs = names('prg', indexes);
    return defineSystem({
      unsent: 'ignore',
      actors: {
        dev0: actor(privateDataFunction, {
          input: { name: 'dev0', iommu: 'table', pasid: 'pasid1', hasPrivateData: variant !== 'no-private-data' },
          choices: prgs.flatMap((index) => [
            { type: 'POST', index, last: false } as const,
            { type: 'POST', index, last: true } as const,
          ]),
          rest: () => true,
        }),
        table: actor(pasidTable, { input: { name: 'table', queue: 'registers', present: [] } }),
        registers: actor(pageRequestRegisters, { input: { entries, thread: 'irq' } }),
        irq: actor(variant === 'fixed' ? prqEventThreadV50 : prqEventThreadV50ClearsPrivateData, {
          input: { name: 'irq', registers: 'registers', ioasids: 'ioasids' },
          choices: [{ type: 'RUN' }],
          rest: ['asleep'],
        }),
        ioasids: actor(ioasid),
        pasidMutex: actor(mutex),
        svm0: actor(intelSvm),
        user0: actor(svmBindV58, {
          input: {
            name: 'user0',
            pasid: 'pasid1',
            mutex: 'pasidMutex',
            ioasids: 'ioasids',
            svm: 'svm0',
            device: 'dev0',
            table: 'table',
            registers: 'registers',
            buffer: 'none',
          },
          choices: [{ type: 'BIND' }],
          rest: ['unbound', 'bound'],
        }),
      },
      blocking: ['PAGE_REQUEST', 'ACQUIRE', 'ALLOC_PASID'],
      properties: ({ leadsTo, happens }) => [
        ...prgs.map((prg) => {
          const waits = ({ groups }: { groups: Readonly<Record<string, { awaited: readonly number[] }>> }) =>
            (groups[prg]?.awaited.length ?? 0) > 0;
          return leadsTo(
            answered(prg),
            (view) => waits(view.get('dev0').context),
            (view) => !waits(view.get('dev0').context),
          );
        }),
        happens('the thread answers', { type: 'PRG_RESPONSE' }),
        happens('a request is reported that is not the last of its group', {
          type: 'HANDLE_FAULT',
          where: ({ request }) => !(request as { last: boolean }).last,
        }),
      ],
    });
  },
});
