/**
 * In place of the iopf core of a device, its work queue and a handler, where only the queue before them matters: a request is answered
 * within the step that reports it, with Success.
 *
 * Simplification: groups of one request, so nothing is ever partial.
 */
import { setup } from 'xstate';
import type { PageRequest } from '../../hardware/pcie/page-request.ts';
import { from, send } from '../../parts/call.ts';

export type AnswersAtOnceEvent =
  /** `iommu_report_device_fault()` */
  | { type: 'REPORT'; request: PageRequest }
  /** `iopf_queue_discard_partial()` */
  | { type: 'DISCARD_PARTIAL' };

export interface AnswersAtOnceInput {
  readonly name: string;
  readonly device: string;
}

export const answersAtOnce = setup({
  types: {
    input: {} as AnswersAtOnceInput,
    context: {} as AnswersAtOnceInput,
    events: {} as AnswersAtOnceEvent,
  },
  actions: {
    answer: send(
      'device',
      from('REPORT', ({ context, event: { request } }) => ({
        type: 'PRG_RESPONSE',
        index: request.index,
        code: 'success',
        by: context.name,
        generation: request.generation,
      })),
    ),
  },
}).createMachine({
  id: 'answersAtOnce',
  context: ({ input }) => input,
  on: {
    REPORT: { actions: 'answer' },
    DISCARD_PARTIAL: {},
  },
});
