/**
 * System 7, stalls of an SMMUv3: a record is lost, and what is stalled has to be terminated. A stall is never dropped but where the write of its record
 * is aborted (SMMUv3 7.2.2). Nobody can answer it then: its STAG is known to no one, and the device waits for ever. arm_smmu_gerror_handler() prints that
 * events may have been lost, and no more (`printed`); CMD_STALL_TERM is not in Linux at all.
 *
 * CMD_STALL_TERM ends all stalls of a stream, also those whose record software has in hand. Their CMD_RESUME comes to nothing as long as nobody has the
 * STAG. When the stream goes on before that, it may end another stall, before its page is there, or with an abort (`undrained`). So: STE to abort, terminate,
 * drain, go on (`fixed`). Without the STE a stall between is the same case again (`without-ste`).
 *
 * Simplifications: one stream; each of its transactions faults once. How a page is brought in does not matter here.
 */
import { z } from 'zod';
import { always, happens, reachable } from '../../src/system/property.ts';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { losingEventQueue } from '../hardware/smmu/losing-event-queue.ts';
import { taggedStream } from '../hardware/smmu/tagged-stream.ts';
import { evtqResumesThread } from '../kernel/arm-smmu-v3/evtq-resumes.ts';
import { gerrorPrints } from '../kernel/arm-smmu-v3/gerror-prints.ts';
import { stallTermThread } from '../kernel/arm-smmu-v3/stall-term.ts';
import { stallTermThreadUndrained } from '../kernel/arm-smmu-v3/stall-term-undrained.ts';
import { stallTermThreadWithoutSte } from '../kernel/arm-smmu-v3/stall-term-without-ste.ts';
import { isLeft } from '../monitors/progress.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { howMany } from '../rigs/parameters.ts';
import { actorOf } from '../rigs/version.ts';

const ENDS = 'a transaction that is stalled ends';
const OWN_ANSWER = 'CMD_RESUME ends no other stall than the one that it answers';
const versions = {
  fixed: stallTermThread,
  undrained: stallTermThreadUndrained,
  'without-ste': stallTermThreadWithoutSte,
  printed: gerrorPrints,
};

export const terminatedStalls = defineScenario({
  name: 'terminated-stalls',
  title: 'The record of a stall is lost, and what is stalled has to be terminated',
  sources: ['SMMUv3 4.7.2', 'SMMUv3 7.2.2', 'arm-smmu-v3.c arm_smmu_gerror_handler()'],
  group: 'iopf',
  systems: ['smmu-stall'],
  parameters: z.object({
    stags: howMany('transactions that the stream can have at a time', { min: 2, max: 3, default: 2 }),
    generations: z.number().int().min(2).max(4).default(2).describe('uses of a STAG that the property can tell apart'),
  }),
  variants: {
    fixed: {
      title: 'the STE says abort, stalls are terminated, records are drained, and then the stream goes on',
      expected: { verdict: 'holds', counts: [124, 208] },
    },
    undrained: {
      title: 'the stream goes on with records that are still to be answered',
      expected: { verdict: 'violated', property: OWN_ANSWER, length: 9 },
    },
    'without-ste': {
      title: 'stalls are terminated while the stream goes on',
      expected: { verdict: 'violated', property: OWN_ANSWER, length: 7 },
    },
    printed: {
      title: 'a line is printed (Linux)',
      expected: { verdict: 'violated', property: ENDS },
    },
  },
  build({ stags, generations }, variant) {
    const tags = names('stag', stags);
    const transactions = family('stag', stags, (index) =>
      actor(taggedStream, {
        input: { name: `stag${index}`, eventQueue: 'evtq', generations },
        choices: [{ type: 'DMA' }],
        rest: () => true,
      }),
    );
    return defineSystem({
      actors: combineActors(transactions, {
        evtq: actor(losingEventQueue, {
          input: { gerror: 'gerror' },
          choices: [{ type: 'ABORT_WRITE' }],
          rest: ({ context }) => context.records.length === 0,
        }),
        evtqThread: actor(evtqResumesThread, {
          input: { name: 'evtqThread', queue: 'evtq' },
          choices: [{ type: 'RUN' }],
          rest: ['idle'],
        }),
        gerror: actorOf(versions[variant], {
          input: { stags: tags, eventQueue: 'evtq', thread: 'evtqThread' },
          choices: [{ type: 'RUN' }],
          rest: ['idle'],
        }),
      }),
      unsent: 'ignore',
      blocking: ['READ', 'EMPTY', 'SYNCHRONIZE_IRQ', 'DMA'],
      properties: () => [
        always(OWN_ANSWER, (view) => tags.every((tag) => view.get(tag).context.tookOldAnswer === false)),
        isLeft('stalled', 'stag0', ENDS),
        happens('a stall is retried', { type: 'RESUME' }),
        happens('the write of a record is aborted', { type: 'GERROR' }),
        ...when(
          variant !== 'printed',
          happens('stalls are terminated', { type: 'STALL_TERM' }),
          reachable('a record is in hand whose stall was terminated', (view) => {
            return view.get('stag0').matches('idle') && view.get('evtqThread').context.record?.stag === 'stag0';
          }),
        ),
      ],
    });
  },
});
