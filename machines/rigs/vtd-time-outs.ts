/**
 * The invalidation queue `invalidations` of a VT-d IOMMU that two threads use at a time, through `submit0` for the function `ats0` and through `submit1`
 * for `ats1`, which may be pulled out; and `buffer`, the page requests that the IOMMU has not looked at yet.
 *
 *   ioctl -SUBMIT-> submit0 -SUBMIT-> invalidations -INVALIDATE_REQUEST-> ats0
 *   flush -SUBMIT-> submit1 -SUBMIT-> invalidations -INVALIDATE_REQUEST-> ats1
 */
import { leadsTo } from '../../src/system/property.ts';
import { actor } from '../../src/system/system.ts';
import { atsCompleter } from '../hardware/pcie/ats-completer.ts';
import { invalidationQueueAborts } from '../hardware/vtd/invalidation-queue-aborts.ts';
import { pageRequestBuffer } from '../hardware/vtd/page-request-buffer.ts';
import { attachSubmitsV70 } from '../kernel/intel/attach-submits-v7.0.ts';
import { flushDevTlb } from '../kernel/intel/flush-dev-tlb.ts';
import type { QiSubmitInput } from '../kernel/intel/qi-submit-v7.0.ts';
import { HANDLED_AS_POSTED, handledAsPosted } from '../monitors/own-attachment.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

export { HANDLED_AS_POSTED };
export const DRAIN_RETURNS = 'a drain comes back';
export const FLUSH_RETURNS = 'who invalidates for the device that is gone comes back';

const RUN = { type: 'RUN' } as const;

/**
 * @param submit a version of qi_submit_sync()
 * @param indexes page request group indexes of the function that is drained
 */
export function vtdTimeOuts<S extends Version<QiSubmitInput>>(submit: S, indexes: number) {
  const submitFor = (at: 0 | 1) =>
    actorOf(submit, {
      input: { name: `submit${at}`, queue: 'invalidations', device: `ats${at}` },
      choices: [RUN],
      rest: ['idle'],
    });
  return {
    actors: {
      buffer: actor(pageRequestBuffer, {
        input: { entries: indexes, table: 'table', drains: true },
        choices: [RUN],
        rest: ({ context }) => context.requests.length === 0,
      }),
      invalidations: actor(invalidationQueueAborts, { input: { buffer: 'buffer' }, choices: [RUN] }),
      ats0: actor(atsCompleter, { input: { name: 'ats0', queue: 'invalidations' }, choices: [RUN] }),
      ats1: actor(atsCompleter, {
        input: { name: 'ats1', queue: 'invalidations' },
        choices: [RUN, { type: 'UNPLUG' }],
      }),
      submit0: submitFor(0),
      submit1: submitFor(1),
      flush: actor(flushDevTlb, {
        input: { name: 'flush', submit: 'submit1' },
        choices: [{ type: 'UNMAP' }],
        rest: ['mapped', 'unmapped'],
      }),
      ioctl: actor(attachSubmitsV70, {
        input: {
          name: 'ioctl',
          pasid: 'pasid1',
          device: 'dev0',
          table: 'table',
          registers: 'registers',
          array: 'array',
          groups: 'groups',
          handle: 'handle0',
          submit: 'submit0',
        },
        choices: [{ type: 'ATTACH' }, { type: 'DETACH' }, RUN],
        rest: ['detached', 'attached'],
      }),
    },
    expects: ['dev0', 'table', 'registers', 'array', 'groups', 'handle0'],
    blocking: ['POLL', 'WAIT_DESCRIPTOR', 'INVALIDATE_REQUEST'],
    always: [
      handledAsPosted('buffer'),
      leadsTo(
        DRAIN_RETURNS,
        (view) => view.get('ioctl').matches('submitted'),
        (view) => view.get('ioctl').matches('drained'),
      ),
      leadsTo(
        FLUSH_RETURNS,
        (view) => view.get('flush').matches('flushing') && view.get('ats1').matches('down'),
        (view) => view.get('flush').matches('unmapped'),
      ),
    ],
  } as const satisfies Rig;
}
