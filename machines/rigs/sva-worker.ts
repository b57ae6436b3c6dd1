/** The fault handler of SVA with its worker, for groups as in `owned-groups.ts`: it is the handler of a device that has SVA. */
import { actor } from '../../src/system/system.ts';
import { svaHandler } from '../kernel/iommu-sva/handler.ts';
import type { Rig } from './assemble.ts';

export const svaWorker = {
  actors: {
    sva: actor(svaHandler, { choices: [{ type: 'RUN' }], rest: ({ context }) => context.queued.length === 0 }),
  },
} as const satisfies Rig;
