/**
 * `struct arm_smmu_domain` as far as its list of devices goes, and arm_smmu_atc_inv_domain(), which goes through it: to each device a
 * CMD_ATC_INV, and a CMD_SYNC after them, for whoever has unmapped something. All under `devices_lock`, so each is one step.
 *
 * Simplification: all devices have ATS.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { from, reply, tell } from '../../parts/call.ts';

export type SmmuDomainEvent =
  /** list_add() and list_del() */
  | { type: 'LIST_ADD'; device: string }
  | { type: 'LIST_DEL'; device: string }
  /** arm_smmu_atc_inv_domain(): the reply is the command queue's SYNC_COMPLETE, or NO_ATS, at once. */
  | { type: 'ATC_INV_DOMAIN'; page: string; by: string }
  /** For `domain-counts-ats.ts`: `nr_ats_masters` is counted up and down, and read; the reply is NR_ATS. */
  | { type: 'INC_ATS' }
  | { type: 'DEC_ATS' }
  | { type: 'READ_NR_ATS'; by: string };

export interface SmmuDomainInput {
  readonly commandQueue: string;
}

/** What versions are made of. */
export const smmuDomainParts = setup({
  types: {
    input: {} as SmmuDomainInput,
    context: {} as SmmuDomainInput & {
      readonly devices: readonly string[];
      /** `nr_ats_masters` */
      readonly nrAts: number;
    },
    events: {} as SmmuDomainEvent,
  },
  guards: { hasNone: ({ context }) => context.devices.length === 0 },
  actions: {
    add: assign({ devices: from('LIST_ADD', ({ context, event }) => [...context.devices, event.device]) }),
    remove: assign({
      devices: from('LIST_DEL', ({ context, event }) => context.devices.filter((device) => device !== event.device)),
    }),
    replyNone: reply('NO_ATS'),
    invalidate: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'ATC_INV_DOMAIN') return;
      const { page, by } = event;
      for (const device of context.devices) {
        const command = { type: 'ATC_INV', device, page, by };
        tell(enqueue, context.commandQueue, command);
      }
      const sync = { type: 'SYNC', by };
      tell(enqueue, context.commandQueue, sync);
    }),
    countUp: assign({ nrAts: ({ context }) => context.nrAts + 1 }),
    countDown: assign({ nrAts: ({ context }) => context.nrAts - 1 }),
    replyCount: reply(({ context }) => ({ type: 'NR_ATS', count: context.nrAts })),
  },
});

export const smmuDomainConfig = {
  context: ({ input }: { input: SmmuDomainInput }) => ({ ...input, devices: [], nrAts: 0 }),
};

/** Transitions of all versions. */
export const smmuDomainOn = smmuDomainParts.createStateConfig({
  on: {
    LIST_ADD: { actions: 'add' },
    LIST_DEL: { actions: 'remove' },
    ATC_INV_DOMAIN: [{ guard: 'hasNone', actions: 'replyNone' }, { actions: 'invalidate' }],
  },
}).on;

export const smmuDomain = smmuDomainParts.createMachine({ id: 'smmuDomain', ...smmuDomainConfig, on: smmuDomainOn });
