/**
 * The function of `ats-function.ts` as a PF of which VFs have ATS on: to v5.4 pci_disable_ats() counted these (`ats_ref_cnt`) and left the
 * PF's Enable bit as it was. Since v5.5 ("PCI/ATS: Disable PF/VF ATS service independently") it clears it.
 */
import { atsFunctionConfig, atsFunctionParts, atsFunctionStates } from './ats-function.ts';

const { off, empty, translating, crossed, cached, unsupported } = atsFunctionStates;
/** pci_disable_ats() returns early, and the bit is set when it is set again. */
const stays = { DISABLE_ATS: {}, ENABLE_ATS: {} };

export const atsFunctionOfPf = atsFunctionParts.createMachine({
  id: 'atsFunctionOfPf',
  ...atsFunctionConfig,
  states: {
    off,
    empty: atsFunctionParts.createStateConfig({ on: { ...empty.on, ...stays } }),
    translating: atsFunctionParts.createStateConfig({ on: { ...translating.on, ...stays } }),
    crossed: atsFunctionParts.createStateConfig({ on: { ...crossed.on, ...stays } }),
    cached: atsFunctionParts.createStateConfig({ on: { ...cached.on, ...stays } }),
    unsupported: atsFunctionParts.createStateConfig({ on: { ...unsupported.on, DISABLE_ATS: {} } }),
  },
});
