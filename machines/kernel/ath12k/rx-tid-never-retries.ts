/** The TID of `rx-tid.ts` whose command, when it has found no room, is not tried again. In no release. */
import { rxTidConfig, rxTidParts, rxTidStates } from './rx-tid.ts';

export const rxTidNeverRetries = rxTidParts.createMachine({
  id: 'rxTidNeverRetries',
  ...rxTidConfig,
  states: { ...rxTidStates, pending: rxTidParts.createStateConfig({}) },
});
