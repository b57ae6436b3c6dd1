/** What must hold of attach handles (`../kernel/iommu/attach-handle.ts`), whoever frees them. */
import { always, type Property } from '../../src/system/property.ts';

/** Freed memory does not object, so somebody has to look. */
export function noFreedHandleIsUsed(handles: readonly string[]): Property {
  return always(
    handles.length === 1
      ? 'the attach handle is not used after it was freed'
      : 'no attach handle is used after it was freed',
    (view) => handles.every((handle) => !view.get(handle).matches('usedAfterFree')),
  );
}
