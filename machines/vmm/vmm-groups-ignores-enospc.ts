/**
 * The VMM of `vmm-groups.ts` as it was in the first versions of that series: vtd_prq_report_fault() does not look at what
 * vtd_pri_request_page() returns, and notes the cookie whether the guest has the request or not.
 */
import { vmmGroupsConfig, vmmGroupsParts, vmmGroupsStates } from './vmm-groups.ts';

const next = [
  { guard: 'isLast', target: 'idle', actions: ['noteCookie', 'forgetGroup'] },
  { actions: ['countDone', 'requestPage'] },
] as const;

export const vmmGroupsIgnoresEnospc = vmmGroupsParts.createMachine({
  id: 'vmmGroupsIgnoresEnospc',
  ...vmmGroupsConfig,
  states: {
    ...vmmGroupsStates,
    injecting: vmmGroupsParts.createStateConfig({ on: { STORED: next, ENOSPC: next } }),
  },
});
