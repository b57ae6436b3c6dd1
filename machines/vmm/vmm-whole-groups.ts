/**
 * The VMM of `vmm-groups.ts` that asks its queue to take all requests of a group or none (`emulated-prq-whole-groups.ts`). Nobody ships it.
 */
import { vmmGroupsConfig, vmmGroupsParts, vmmGroupsStates } from './vmm-groups.ts';

export const vmmWholeGroups = vmmGroupsParts.createMachine({
  id: 'vmmWholeGroups',
  ...vmmGroupsConfig,
  states: {
    ...vmmGroupsStates,
    reading: vmmGroupsParts.createStateConfig({
      on: { GROUP: { target: 'injecting', actions: ['keepGroup', 'requestPages'] } },
    }),
    injecting: vmmGroupsParts.createStateConfig({
      on: {
        STORED: { target: 'idle', actions: ['noteCookie', 'forgetGroup'] },
        ENOSPC: { target: 'idle', actions: ['answerSuccess', 'forgetGroup'] },
      },
    }),
  },
});
