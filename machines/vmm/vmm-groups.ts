/**
 * The VMM between iommufd and the page request queue that it emulates for its guest, with whole groups: QEMU, hw/i386/intel_iommu_accel.c of
 * "intel_iommu: Enable PRQ support for passthrough device" (v5, 2026):
 *
 *   the fault file is readable: vtd_read_fs_faultq() reads, and puts each request of the group into the guest's queue; if the last one is in,
 *     the cookie is noted under the group's index, if it is not, the group is answered Success (VT-d 7.4.1)
 *   the guest's Page Group Response traps: vtd_accel_propagate_page_group_response() finds the cookie by the index, and writes the answer
 *
 * Each is one step: QEMU's big lock is held, and the guest's accesses to registers take it as well.
 *
 * Simplifications: one device, one PASID; one group for each read.
 */
import { assign, setup } from 'xstate';
import type { PageResponse, ResponseCode } from '../hardware/pcie/page-request.ts';
import type { IopfGroup } from '../kernel/io-pgfault/group.ts';
import { call, from, send } from '../parts/call.ts';

export type VmmGroupsEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'GROUP'; cookie: number; group: IopfGroup }
  /** Replies of the emulated queue. */
  | { type: 'STORED' }
  | { type: 'ENOSPC' }
  /** The guest answers a group. */
  | ({ type: 'PRG_RESPONSE' } & PageResponse);

export interface VmmInput {
  readonly name: string;
  /** Where faults come from. */
  readonly faults: string;
  /** Who takes answers, if it is not that. */
  readonly core: string;
  /** The queue that it emulates. */
  readonly prq: string;
}

/** What versions are made of. */
export const vmmGroupsParts = setup({
  types: {
    input: {} as VmmInput,
    context: {} as VmmInput & {
      /** What was read last, and how many of its requests are dealt with. */
      readonly read: { readonly cookie: number; readonly group: IopfGroup } | null;
      readonly done: number;
      /** `vtd_prq_list`: of the groups that the guest has, by index. */
      readonly cookies: Readonly<Record<string, number>>;
    },
    events: {} as VmmGroupsEvent,
  },
  guards: {
    isLast: ({ context }) => context.done + 1 === context.read!.group.requests.length,
  },
  actions: {
    readFaults: call('faults', 'READ'),
    keepGroup: assign({ read: from('GROUP', ({ event: { cookie, group } }) => ({ cookie, group })) }),
    requestPage: call('prq', ({ context: { name, read, done } }) => ({
      type: 'REQUEST_PAGE',
      request: requestsOf(read!.group, name)[done]!,
    })),
    requestPages: call('prq', ({ context: { name, read } }) => ({
      type: 'REQUEST_PAGES',
      requests: requestsOf(read!.group, name),
    })),
    countDone: assign({ done: ({ context }) => context.done + 1 }),
    noteCookie: assign({
      cookies: ({ context: { cookies, read } }) => ({ ...cookies, [read!.group.index]: read!.cookie }),
    }),
    answerSuccess: send('faults', ({ context }) => ({ type: 'WRITE', cookie: context.read!.cookie, code: 'success' })),
    forgetGroup: assign({ read: null, done: 0 }),
    passOn: send(
      'faults',
      from('PRG_RESPONSE', ({ context, event }): { type: 'WRITE'; cookie: number; code: ResponseCode } => ({
        type: 'WRITE',
        cookie: context.cookies[event.index]!,
        code: event.code,
      })),
    ),
    forgetCookie: assign({
      cookies: from('PRG_RESPONSE', ({ context, event }) => {
        const { [event.index]: _, ...cookies } = context.cookies;
        return cookies;
      }),
    }),
  },
});

export const vmmGroupsConfig = {
  context: ({ input }: { input: VmmInput }) => ({ ...input, read: null, done: 0, cookies: {} }),
  initial: 'idle',
  on: {
    // vtd_accel_propagate_page_group_response()
    PRG_RESPONSE: { actions: ['passOn', 'forgetCookie'] },
  },
} as const;

/** A version replaces what it does with a group. */
export const vmmGroupsStates = {
  idle: vmmGroupsParts.createStateConfig({ on: { RUN: { target: 'reading', actions: 'readFaults' } } }),
  // Left within the step that entered it, as is `injecting`.
  reading: vmmGroupsParts.createStateConfig({
    on: { GROUP: { target: 'injecting', actions: ['keepGroup', 'requestPage'] } },
  }),
  injecting: vmmGroupsParts.createStateConfig({
    on: {
      STORED: [
        { guard: 'isLast', target: 'idle', actions: ['noteCookie', 'forgetGroup'] },
        { actions: ['countDone', 'requestPage'] },
      ],
      ENOSPC: [
        { guard: 'isLast', target: 'idle', actions: ['answerSuccess', 'forgetGroup'] },
        { actions: ['countDone', 'requestPage'] },
      ],
    },
  }),
};

export const vmmGroups = vmmGroupsParts.createMachine({ id: 'vmmGroups', ...vmmGroupsConfig, states: vmmGroupsStates });

/** As the guest is told of them, whose function is the VMM's. */
function requestsOf({ index, requests }: IopfGroup, device: string) {
  return requests.map(({ page, generation }, at) => {
    return { device, index, page, generation, last: at + 1 === requests.length };
  });
}
