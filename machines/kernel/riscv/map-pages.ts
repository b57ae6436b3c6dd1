/**
 * The thread of `map-pages-relaxed.ts` that makes its zeros visible before it links the table: generic_pt/pt_defs.h pt_table_install64(), which RISC-V
 * uses in 7.0, by try_cmpxchg64_release(); io-pgtable-arm.c arm_lpae_install_table() by dma_wmb().
 */
import { mapPagesConfig, mapPagesParts, mapPagesStates } from './map-pages-relaxed.ts';

const { refused: _, ...states } = mapPagesStates;

export const mapPages = mapPagesParts.createMachine({
  id: 'mapPages',
  ...mapPagesConfig,
  states: {
    ...states,
    allocated: { on: { RUN: { target: 'linking', actions: ['barrier', 'linkTable'] } } },
    // Never left over: whoever linked it had zeroed it.
    checking: { on: { ENTRY: { target: 'mapped', actions: 'setEntry' } } },
  },
});
