/** The mm from 701fac40384f (v5.18-rc1) to 2667ed10d9f0: __mmput() drops the PASID, although bonds may be left. */
import { svaMmConfig, svaMmParts, svaMmStates } from './mm.ts';

export const svaMmV518Rc1 = svaMmParts.createMachine({
  id: 'svaMmV518Rc1',
  ...svaMmConfig,
  states: {
    ...svaMmStates,
    live: svaMmParts.createStateConfig({
      on: {
        ...svaMmStates.live.on,
        MMPUT: { target: 'exited', actions: ['callRelease', 'freePasid', 'clearPasid', 'drop'] },
      },
    }),
    exited: svaMmParts.createStateConfig({
      on: {
        ...svaMmStates.exited.on,
        MMDROP: { guard: 'isLastReference', target: 'freed', actions: 'drop' },
      },
    }),
  },
});
