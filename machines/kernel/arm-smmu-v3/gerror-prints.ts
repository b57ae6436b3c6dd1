/** arm-smmu-v3.c arm_smmu_gerror_handler(), as far as EVENTQ_ABT_ERR goes: "EVTQ write aborted -- events may have been lost", and the error is acknowledged. */
import { stallTermConfig, stallTermParts } from './stall-term.ts';

export const gerrorPrints = stallTermParts.createMachine({
  id: 'gerrorPrints',
  ...stallTermConfig,
  states: {
    idle: { on: { GERROR: 'active' } },
    active: { on: { RUN: { target: 'idle', actions: 'acknowledge' } } },
  },
});
