/**
 * The way of a page request to whoever handles it, for races about who owns a group: functions, the page request queue of their IOMMU,
 * the interrupt thread, and of each device the fault parameter and the memory of its groups.
 *
 *   dev0 -PAGE_REQUEST-> prq -ENTRY-> irq -REPORT-> param0 -ALLOC-> group0
 *                                     irq -IOPF_HANDLER-> the handler, which answers by group0 -RESPOND-> param0 -PRG_RESPONSE-> dev0
 *
 * Groups have one request each, unless `pages` says otherwise.
 */
import type { Property } from '../../src/system/property.ts';
import { type Actor, type ActorOptions, actor, combineActors, family } from '../../src/system/system.ts';
import { type FaultingFunctionEvent, faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { type PrqThreadInput, prqThread } from '../kernel/intel/prq.ts';
import { faultParam } from '../kernel/io-pgfault/fault-param.ts';
import type { faultParam9759ae2cee7c } from '../kernel/io-pgfault/fault-param-9759ae2cee7c.ts';
import type { faultParamGathers } from '../kernel/io-pgfault/fault-param-gathers.ts';
import type { faultParamV69 } from '../kernel/io-pgfault/fault-param-v6.9.ts';
import { iopfGroupMemory } from '../kernel/io-pgfault/group-memory.ts';
import type { groupOnStack } from '../kernel/io-pgfault/group-on-stack.ts';
import type { reportingThread } from '../kernel/io-pgfault/report-to-iommufd.ts';
import type { reportingThreadV611 } from '../kernel/io-pgfault/report-v6.11.ts';
import type { reportingWithoutMemory } from '../kernel/io-pgfault/report-without-memory.ts';
import { exactlyOneAnswerTo } from '../monitors/fault-parameter.ts';
import { noUseAfterFree } from '../monitors/object-lifetime.ts';
import { names, pairs } from '../parts/names.ts';
import { inThread, type Rig } from './assemble.ts';

type Rest = NonNullable<ActorOptions<typeof faultingFunction>['rest']>;

interface OwnedGroups<Handlers extends readonly string[]> {
  /** Who handles the faults of each device: the `iopf_handler` of what it is attached to. */
  readonly handlers: Handlers;
  /** Page request group indexes of each device. */
  readonly groups: number;
  /** Requests of each group; with several, `param` has to gather them. */
  readonly pages?: number;
  /** Of the page request queue; left out, room for all groups. */
  readonly entries?: number;
  /** What a device may start by itself; left out, somebody else starts its DMA. */
  readonly choices?: readonly FaultingFunctionEvent[];
  /** Where a device may stay; left out, where it waits for no answer. */
  readonly rest?: Rest;
  /** By index: who wants to hear that DMA of this device may be tried again. */
  readonly initiatorsOf?: (device: number) => Readonly<Record<string, string>>;
  /** The attach handle that each device's handler is found by; left out, `handle0`, and so on. */
  readonly handleOf?: (device: number) => string;
  readonly param?: typeof faultParam | typeof faultParam9759ae2cee7c | typeof faultParamGathers | typeof faultParamV69;
  readonly memory?: typeof iopfGroupMemory | typeof groupOnStack;
  /** A version of the interrupt thread, as by `inThread`. */
  readonly thread?: (
    input: PrqThreadInput,
  ) => Actor<typeof prqThread | typeof reportingThread | typeof reportingThreadV611 | typeof reportingWithoutMemory>;
}

export function ownedGroups<const Handlers extends readonly string[]>({
  handlers,
  groups,
  pages = 1,
  entries = handlers.length * groups * pages,
  choices = [],
  rest = isAnswered,
  initiatorsOf,
  handleOf = (device) => `handle${device}`,
  param = faultParam,
  memory = iopfGroupMemory,
  thread = inThread(prqThread),
}: OwnedGroups<Handlers>) {
  const devices = handlers.length;
  const indexes = names('prg', groups);
  const groupNames = names('group', devices * groups);
  const groupsOf = (device: number) => groupNames.slice(device * groups, (device + 1) * groups);
  const actors = combineActors(
    family('dev', devices, (device) =>
      actor(faultingFunction, {
        input: {
          name: `dev${device}`,
          queue: 'prq',
          pages: names('page', pages),
          ...(initiatorsOf && { initiators: initiatorsOf(device) }),
        },
        choices,
        rest,
      }),
    ),
    {
      prq: actor(pageRequestQueue, { input: { entries } }),
      irq: thread({ name: 'irq', queue: 'prq', cores: pairs(names('dev', devices), names('param', devices)) }),
    },
    family('param', devices, (device) =>
      actor(param, {
        input: {
          name: `param${device}`,
          device: `dev${device}`,
          groups: pairs(indexes, groupsOf(device)),
          handler: handlers[device]!,
          handle: handleOf(device),
        },
      }),
    ),
    family('group', groupNames.length, (at) =>
      actor(memory, {
        input: { name: `group${at}`, index: `prg${at % groups}`, param: `param${Math.floor(at / groups)}` },
      }),
    ),
  );
  return {
    actors,
    expects: handlers,
    blocking: ['REQUEST', 'PAGE_REQUEST', 'PEEK'],
    always: [groupLifetime(groupNames), ...names('dev', devices).map(exactlyOneAnswerTo)],
    // Groups of a device are not alike: a removal answers them in the order of their names.
    things: { devices: { count: devices, prefixes: ['dev', 'param', 'handle'], namesOf: groupsOf } },
  } as const satisfies Rig;
}

const isAnswered: Rest = ({ context }) => Object.keys(context.posted).length === 0;

export const GROUP_LIFETIME = 'nobody touches a freed group, and no group is freed twice';

export function groupLifetime(objects: readonly string[]): Property {
  return noUseAfterFree(GROUP_LIFETIME, { objects, alloc: 'ALLOC', free: 'FREE' });
}
