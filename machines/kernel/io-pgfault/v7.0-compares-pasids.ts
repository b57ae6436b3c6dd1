/**
 * The core of `v7.0.ts` that gathers a group by PASID and index, in no release. Of a request without a handle it answers the last one
 * only, so that it does not show what B-81 is about; what that one would have completed stays.
 */
import { iopfCoreV70Config, iopfCoreV70Parts, iopfCoreV70States } from './v7.0.ts';

const [gathersByIndex, ...others] = iopfCoreV70States.finding.on.HANDLE;

/** A version that does something else where there is no handle replaces NO_HANDLE. */
export const comparesPasids = {
  HANDLE: [{ ...gathersByIndex, actions: ['gatherByPasidAndIndex', 'endReport'] }, ...others],
  NO_HANDLE: [
    { guard: 'isLast', target: 'ready', actions: ['answerInvalid', 'endReport'] },
    { target: 'ready', actions: 'endReport' },
  ],
} as const;

export const iopfCoreComparesPasids = iopfCoreV70Parts.createMachine({
  id: 'iopfCoreComparesPasids',
  ...iopfCoreV70Config,
  states: {
    ...iopfCoreV70States,
    finding: iopfCoreV70Parts.createStateConfig({ on: { ...iopfCoreV70States.finding.on, ...comparesPasids } }),
  },
});
