/**
 * The context of /dev/iommu (`ictx`), fault objects in it with a file each (`eventq0`, …), the threads that close those files
 * (`closer0`, …), and one that destroys objects by their ID and closes /dev/iommu (`ioctl`). A whole system.
 */
import { always, happens, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { iommufdContext } from '../kernel/iommufd/context.ts';
import { destroyThread } from '../kernel/iommufd/destroy.ts';
import type { EventqReleaseInput } from '../kernel/iommufd/eventq-release-v6.11.ts';
import { iommufdObject } from '../kernel/iommufd/object.ts';
import { noUseAfterFree } from '../monitors/object-lifetime.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

export const OBJECT_LIFETIME = 'nobody touches a fault object after it was freed';
export const NOTHING_WARNED = 'the context is released with no object that somebody still counts (WARN_ON)';

/** @param release a version of the thread that closes a fault object's file */
export function iommufdFiles<T extends Version<EventqReleaseInput>>(release: T, eventqs: number) {
  const objects = names('eventq', eventqs);
  const actors = combineActors(
    {
      ictx: actor(iommufdContext, {
        input: { name: 'ictx', references: 1 + eventqs, objects },
        choices: [{ type: 'RUN' }],
        rest: ['open', 'released', 'warned'],
      }),
      ioctl: actor(destroyThread, {
        input: { name: 'ioctl', ictx: 'ictx' },
        choices: [
          ...objects.map((object) => ({ type: 'DESTROY' as const, object })),
          { type: 'CLOSE' },
          { type: 'RUN' },
        ],
        rest: ['idle', 'closed'],
      }),
    },
    family('eventq', eventqs, () => actor(iommufdObject)),
    family('closer', eventqs, (at) =>
      actorOf(release, {
        input: { eventq: `eventq${at}`, ictx: 'ictx' },
        choices: [{ type: 'CLOSE' }, { type: 'RUN' }],
        rest: ['open', 'closed'],
      }),
    ),
  );
  return {
    actors,
    always: [
      noUseAfterFree(OBJECT_LIFETIME, { objects, free: 'FREE', allocated: objects }),
      always(NOTHING_WARNED, (view) => !view.get('ictx').matches('warned')),
      always('a released context has freed its objects', (view) => {
        return !view.get('ictx').matches('released') || objects.every((name) => view.get(name).matches('freed'));
      }),
    ],
    shows: [
      happens('an object with an open file is not destroyed', { to: 'ioctl', type: 'BUSY' }),
      happens('an object is destroyed by its ID', { to: 'ioctl', type: 'ZERO' }),
      happens('an object is destroyed with its context', { to: 'ictx', type: 'ZERO' }),
      reachable('an object is destroyed while the thread that closes its file has not put the context yet', (view) => {
        return objects.some(
          (name, at) => view.get(name).matches('freed') && view.get(`closer${at}`).value === 'unowned',
        );
      }),
    ],
  } as const satisfies Rig;
}
