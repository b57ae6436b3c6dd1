/**
 * What a function may expect of the fault core, and the fault core of whoever holds a reference to the function's fault parameter. They look
 * at machines that keep a mistake as a state: `../hardware/pcie/faulting-function.ts` and `../kernel/io-pgfault/fault-param.ts`.
 */
import { always, type Property } from '../../src/system/property.ts';

/** Of a group that waits for its answer it gets one, and nobody answers what does not wait. */
export function exactlyOneAnswerTo(device: string): Property {
  return always(`${device} gets exactly one answer to each group`, (view) => {
    return !view.get(device).matches('unexpectedIndex');
  });
}

/** @param param the `iommu_fault_param` of that device */
export function faultParamLifetime(device: string, param: string): Property {
  return always(`the fault parameter of ${device} is not used after its last reference`, (view) => {
    return !view.get(param).matches('usedAfterFree');
  });
}
