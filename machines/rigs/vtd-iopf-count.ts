/**
 * The count by which VT-d keeps a device in its iopf queue (`info`), and a thread that attaches domains to the device and detaches them,
 * `ioctl`: `domain0`, … take faults, `plain` takes none. Faults are left out.
 */
import { always, happens, reachable, type SystemView } from '../../src/system/property.ts';
import { actor } from '../../src/system/system.ts';
import type { AttachDeviceInput } from '../kernel/intel/attach-device-v7.0.ts';
import { deviceInfoV70 } from '../kernel/intel/device-info-v7.0.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

export const COUNTS_ATTACHED = 'iopf_refcount is the number of attached domains that take faults';
export const STAYS_IN_QUEUE = 'a domain that takes faults replaces another, and the device stays in its iopf queue';

interface VtdIopfCount<T> {
  readonly thread: T;
  /** Domains that take faults. */
  readonly domains: number;
}

export function vtdIopfCount<T extends Version<AttachDeviceInput>>({ thread, domains }: VtdIopfCount<T>) {
  const faulting: readonly unknown[] = names('domain', domains);
  const oldAndNext = (view: SystemView) => {
    const { old, next } = view.get('ioctl').context;
    return [old, next];
  };
  const actors = {
    info: actor(deviceInfoV70),
    ioctl: actorOf(thread, {
      input: { info: 'info' },
      choices: [
        ...[...faulting, 'plain'].map((domain) => ({ type: 'ATTACH', domain })),
        { type: 'DETACH' },
        { type: 'RUN' },
      ],
      rest: ['idle'],
    }),
  };
  return {
    actors,
    always: [
      always(COUNTS_ATTACHED, (view) => {
        const attached = faulting.includes(view.get('ioctl').context.domain) ? 1 : 0;
        return !view.get('ioctl').matches('idle') || view.get('info').context.iopfRefcount === attached;
      }),
      always(STAYS_IN_QUEUE, (view) => {
        return !oldAndNext(view).every((name) => faulting.includes(name)) || view.get('info').matches('inIopfQueue');
      }),
    ],
    shows: [
      reachable('a domain that takes faults replaces another', (view) => {
        return oldAndNext(view).every((name) => faulting.includes(name));
      }),
      reachable('a domain that takes none replaces one that does', (view) => {
        const [old, next] = oldAndNext(view);
        return next === 'plain' && faulting.includes(old);
      }),
      happens('a domain that takes faults is discounted', {
        type: 'IOPF_REMOVE',
        where: ({ domain }) => domain !== 'plain',
      }),
    ],
  } as const satisfies Rig;
}
