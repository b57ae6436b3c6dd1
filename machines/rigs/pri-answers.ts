/**
 * The PRI queue of an SMMUv3 with all that it answers by itself, the function `dev0` that asks, and the thread that answers the rest.
 *
 *   dev0 -PAGE_REQUEST-> priq -ENTRY-> priqThread -PRG_RESPONSE-> dev0
 *                        priq -PRG_RESPONSE-> dev0
 */
import { actor } from '../../src/system/system.ts';
import { pasidPri } from '../hardware/pcie/pasid-pri.ts';
import { type PriQueueAnswersInput, priQueueAnswers } from '../hardware/smmu/pri-queue-answers.ts';
import type { GerrorInput } from '../kernel/arm-smmu-v3/gerror.ts';
import { priqPasidsThread } from '../kernel/arm-smmu-v3/priq-pasids.ts';
import type { PriqShutdownInput } from '../kernel/arm-smmu-v3/priq-shutdown.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

const RUN = { type: 'RUN' } as const;

interface AnsweringQueue extends Omit<PriQueueAnswersInput, 'name' | 'capacity'> {
  readonly indexes: number;
  readonly entries: number;
}

export function answeringQueue({ indexes, entries, ...queue }: AnsweringQueue) {
  const actors = {
    dev0: actor(pasidPri, {
      input: { name: 'dev0', iommu: 'priq', pasid: 'pasid0' },
      choices: names('prg', indexes).flatMap((index) => [
        { type: 'POST', index, last: false } as const,
        { type: 'POST', index, last: true } as const,
      ]),
      rest: () => true,
    }),
    priq: actor(priQueueAnswers, {
      input: { name: 'priq', capacity: entries, ...queue },
      choices: queue.gerror === undefined ? [] : [{ type: 'ABORT_WRITE' }],
      rest: ({ context }) => context.entries.length === 0,
    }),
    priqThread: actor(priqPasidsThread, {
      input: { name: 'priqThread', queue: 'priq' },
      choices: [RUN],
      rest: ['idle'],
    }),
  };
  return { actors, blocking: ['READ_ENTRY', 'AWAIT_EMPTY', 'AWAIT_STOPPED', 'SYNCHRONIZE_IRQ'] } as const satisfies Rig;
}

export function queueShutsDown<Thread extends Version<PriqShutdownInput>>(thread: Thread) {
  const shutdown = actorOf(thread, {
    input: { device: 'dev0', queue: 'priq' },
    choices: [{ type: 'SHUT_DOWN' }, RUN],
    rest: ['up', 'down'],
  });
  return { actors: { shutdown }, expects: ['dev0', 'priq'] } as const satisfies Rig;
}

export function queueAborts<Handler extends Version<GerrorInput>>(handler: Handler) {
  const gerror = actorOf(handler, {
    input: { device: 'dev0', queue: 'priq', thread: 'priqThread' },
    choices: [RUN],
    rest: ['idle'],
  });
  return { actors: { gerror }, expects: ['dev0', 'priq', 'priqThread'] } as const satisfies Rig;
}
