/** The fault handler of `iopf-v3.ts` for a container with two domains: vfio_iommu_map() maps a page in each of them. */
import { send } from '../../parts/call.ts';
import { vfioIopfConfig, vfioIopfParts, vfioIopfStates } from './iopf-v3.ts';

const twoDomainParts = vfioIopfParts.extend({
  actions: {
    mapSecond: send(
      ({ context }) => context.secondEntries![context.page!]!,
      ({ context }) => ({ type: 'MAP', frame: context.frame!, writable: true }),
    ),
  },
});

export const vfioIopfTwoDomains = twoDomainParts.createMachine({
  id: 'vfioIopfTwoDomains',
  ...vfioIopfConfig,
  states: {
    ...vfioIopfStates,
    mapping: twoDomainParts.createStateConfig({
      on: {
        RUN: {
          target: 'responding',
          actions: ['map', 'mapSecond', 'setMappedBit', 'putPage', 'forgetFrame', 'unlock'],
        },
      },
    }),
  },
});
