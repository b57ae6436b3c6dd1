/** Whether somebody still has each group that waits for its answer: the page request queue, the interrupt thread, or iommufd's fault queue. */
import { always, type Property, type SystemView } from '../../src/system/property.ts';
import type { PageRequest } from '../hardware/pcie/page-request.ts';
import type { FaultQueueLists } from '../kernel/iommufd/eventq.ts';

export const NOT_LOST = 'a group that waits for its answer is on its way to somebody who can answer it';

/** `groupOf`: the group of each index of dev0. */
export function noGroupIsLost(groupOf: Readonly<Record<string, string>>): Property {
  return always(NOT_LOST, (view) => lostOf(view, groupOf) === 0);
}

export function atMostOneGroupIsLost(groupOf: Readonly<Record<string, string>>): Property {
  return always('at most one group is lost', (view) => lostOf(view, groupOf) <= 1);
}

/** Of how many indexes in use nobody has the group any more. */
function lostOf(view: SystemView, groupOf: Readonly<Record<string, string>>): number {
  const { deliver, response } = view.get('fault').context as FaultQueueLists;
  const entries: readonly PageRequest[] = view.get('prq').context.entries;
  const owned = [...deliver, ...Object.values(response)].map(({ group }) => group);
  const due: string | undefined = view.get('irq').context.due?.group;
  return Object.keys(view.get('dev0').context.posted).filter((posted) => {
    const group = groupOf[posted]!;
    return !entries.some(({ index }) => index === posted) && due !== group && !owned.includes(group);
  }).length;
}
