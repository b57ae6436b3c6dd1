/**
 * The entry of a page in a domain that comes into the container's list (`iommu->domain_list`) when its first device is attached. Before
 * that nobody maps or unmaps in it: who goes through the list does not come by.
 */
import {
  iommuPageTableEntryConfig,
  iommuPageTableEntryParts,
  iommuPageTableEntryStates,
} from '../io-pgtable/leaf-entry.ts';

export const lateDomainEntry = iommuPageTableEntryParts.createMachine({
  id: 'lateDomainEntry',
  ...iommuPageTableEntryConfig,
  initial: 'notInList',
  states: {
    ...iommuPageTableEntryStates,
    notInList: iommuPageTableEntryParts.createStateConfig({
      on: {
        ATTACH: 'invalid',
        MAP: { actions: [] },
        UNMAP_FAST: { actions: 'replyUnmapped' },
      },
    }),
  },
});
