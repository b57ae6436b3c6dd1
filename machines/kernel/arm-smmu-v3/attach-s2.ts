/**
 * A thread that attaches a device to a stage 2 domain: arm-smmu-v3.c arm_smmu_make_s2_domain_ste(), which sets S2S where the device's faults stall
 * (`master->stall_enabled`), since ce7cb08e22e0 (v6.12).
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';

export type AttachS2ThreadEvent = { type: 'ATTACH' };

export interface AttachS2Input {
  /** A `../../hardware/smmu/stage2-ste.ts`. */
  readonly ste: string;
}

/** What versions are made of. */
export const attachS2Parts = setup({
  types: { input: {} as AttachS2Input, context: {} as AttachS2Input, events: {} as AttachS2ThreadEvent },
  actions: {
    writeSte: send('ste', { type: 'WRITE_S2_STE', s2s: true }),
    writeSteWithoutS2s: send('ste', { type: 'WRITE_S2_STE', s2s: false }),
  },
});

export const attachS2Config = {
  context: ({ input }: { input: AttachS2Input }) => input,
  initial: 'detached',
} as const;

export const attachS2Thread = attachS2Parts.createMachine({
  id: 'attachS2Thread',
  ...attachS2Config,
  states: {
    detached: { on: { ATTACH: { target: 'attached', actions: 'writeSte' } } },
    attached: { type: 'final' },
  },
});
