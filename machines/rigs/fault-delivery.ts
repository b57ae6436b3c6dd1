/**
 * A thread that delivers groups to iommufd's fault queue, and those who read them, by one way or another: the thread `irq`, the list `list`, what
 * they wait on, `waiters`, and `reader0`, and so on.
 */
import { always, leadsTo, type Property, reachable, type SystemView } from '../../src/system/property.ts';
import { type Actor, type Actors, actor, combineActors, family } from '../../src/system/system.ts';
import { eventfd } from '../kernel/fs/eventfd.ts';
import { multishotPoll } from '../kernel/io_uring/multishot-poll.ts';
import { deliverList } from '../kernel/iommufd/deliver-list.ts';
import { type DeliveringThreadInput, deliveringThread } from '../kernel/iommufd/delivering-thread.ts';
import { deliveringThreadEventfd } from '../kernel/iommufd/delivering-thread-eventfd.ts';
import { waitQueue } from '../kernel/sched/wait-queue.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import type { FaultReaderInput } from '../user/fault-reader.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

export const NO_MISSED_WAKEUP = 'no group waits while all who read sleep, and nobody is about to wake them';
export const ALL_POSTED = 'all reads that were posted are posted still, or at work';
export const isRead = (group: string) => `${group} is read`;

interface Delivery {
  readonly groups: number;
  readonly readers: number;
  readonly reader: Version<FaultReaderInput>;
  /** How readers come to know of a group: by the wait queue of the fd, by an eventfd, or by a multishot poll of io_uring. */
  readonly by: 'queue' | 'eventfd' | 'multishot';
  /** The readers are reads that wait in io_uring. */
  readonly isPosted?: boolean;
}

export function faultDelivery({ groups, readers, reader, by, isPosted = false }: Delivery) {
  const groupNames = names('group', groups);
  const delivering = (machine: Version<DeliveringThreadInput>, waiters: string) =>
    actorOf(machine, {
      input: { list: 'list', waiters },
      choices: [...groupNames.map((group) => ({ type: 'FAULT', group })), { type: 'RUN' }],
      rest: ['idle'],
    });
  const waiters = { queue: 'waiters', eventfd: 'counter', multishot: 'poll' }[by];
  const waited: Readonly<Record<typeof by, Actors>> = {
    queue: { waiters: actor(waitQueue) as unknown as Actor },
    eventfd: { counter: actor(eventfd) as unknown as Actor },
    multishot: {
      waiters: actor(waitQueue) as unknown as Actor,
      poll: actor(multishotPoll, {
        input: { name: 'poll', list: 'list', waiters: 'waiters' },
        choices: [{ type: 'RUN' }],
        rest: ({ value }) => value.request === 'armed',
      }) as unknown as Actor,
    },
  };
  const actors: Actors = combineActors(
    {
      irq: by === 'eventfd' ? delivering(deliveringThreadEventfd, 'counter') : delivering(deliveringThread, 'waiters'),
      list: actor(deliverList),
    },
    waited[by],
    family('reader', readers, (at) =>
      actorOf(reader, {
        input: { name: `reader${at}`, list: 'list', waiters },
        choices: [{ type: 'RUN' }],
        rest: () => true,
      }),
    ),
  ) as unknown as Actors;
  const sleeps = (view: SystemView, name: string): boolean => {
    const { value } = view.get(name);
    if (['sleeping', 'armed', 'ended'].includes(value as string)) return true;
    if (value !== 'idle') return false;
    if (by === 'eventfd') return view.get('counter').value === 'zero';
    if (by === 'queue') return false;
    const { request, completions } = view.get('poll').value as { request: string; completions: string };
    return request === 'armed' && completions === 'none';
  };
  const allSleep = (view: SystemView) => names('reader', readers).every((name) => sleeps(view, name));
  const delivered = (view: SystemView) => (view.get('list').context as { deliver: readonly string[] }).deliver;
  const properties: readonly Property[] = [
    always(
      NO_MISSED_WAKEUP,
      (view) => delivered(view).length === 0 || view.get('irq').value !== 'idle' || !allSleep(view),
    ),
    ...groupNames.map((group) =>
      leadsTo(
        isRead(group),
        (view) => delivered(view).includes(group),
        (view) => !delivered(view).includes(group),
      ),
    ),
  ];
  const isOver = (view: SystemView) => names('reader', readers).some((name) => view.get(name).value === 'ended');
  return {
    actors,
    blocking: ['APPEND', ...when(by !== 'queue', 'READ_COUNT'), ...when(by === 'eventfd', 'POLL_COUNT')],
    always: [
      ...properties,
      ...when(
        isPosted,
        always(ALL_POSTED, (view) => !isOver(view)),
      ),
    ],
    shows: [reachable('all who read sleep', allSleep)],
  } as const satisfies Rig;
}
