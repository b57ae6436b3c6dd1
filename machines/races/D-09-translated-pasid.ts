/**
 * D-09: a guest has PASIDs of its own, and its device uses the host's: a page request names a host PASID, and the guest wants to hear its own. "Will the VFIO fault
 * handler need host-guest IOASID translation?" (Shenming Lu; Alex Williamson: "Surely it will"). Who translates, and when does that become stale?
 *
 * The uAPI of v5.8 to v5.17 tells the host both numbers (`struct iommu_gpasid_bind_data`, removed by 989192ac6ad5 and 0c9f17877891), and VT-d reported the host's, so that the
 * VMM had to translate. A number is stale wherever it is kept while the bind that it is from goes: a host PASID that waits in the region to be translated
 * (`at-injection`), a guest PASID that was translated and waits for the guest (`at-report`). To translate earlier or later moves the place. What closes it is an
 * unbind that waits for each place, in the order in which a request passes them (`fixed`, `fixed-at-injection`): the host's drain ends at its queue
 * (VT-d 7.10), the guest's begins at its own, and the region between is nobody's (`skips-region`).
 *
 * Simplifications: those of the machines; user0 has one pair of numbers, user1 has the same host PASID or the same guest PASID, when these are free; an unbind that
 * takes back what it finds, instead of waiting, is left out, as is the answer's way back.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { gpasidProcess } from '../guest/gpasid-process.ts';
import { gpasidProcessBackwards } from '../guest/gpasid-process-backwards.ts';
import { gpasidProcessDrainsQueue } from '../guest/gpasid-process-drains-queue.ts';
import { gpasidProcessSkipsRegion } from '../guest/gpasid-process-skips-region.ts';
import { gpasidQueue } from '../guest/gpasid-queue.ts';
import { pasidFunction } from '../hardware/pcie/pasid-function.ts';
import { pageRequestRegisters } from '../hardware/vtd/page-request-registers.ts';
import { prqThreadV70 } from '../kernel/intel/prq-v7.0.ts';
import { gpasidBinds } from '../kernel/iommu/gpasid-binds.ts';
import { faultRegionOfGpasids } from '../kernel/vfio-pci/fault-region-of-gpasids.ts';
import { faultRegionOfHpasids } from '../kernel/vfio-pci/fault-region-of-hpasids.ts';
import { HANDLED_IN_OWN_PROCESS, handledInOwnProcess } from '../monitors/own-address-space.ts';
import { names } from '../parts/names.ts';
import { howMany } from '../rigs/parameters.ts';
import { actorOf } from '../rigs/version.ts';
import { gpasidInjector } from '../vmm/gpasid-injector.ts';

const RUN = { type: 'RUN' } as const;
const violated = { verdict: 'violated', property: HANDLED_IN_OWN_PROCESS } as const;

const versions = {
  fixed: { region: faultRegionOfGpasids, process: gpasidProcess },
  'fixed-at-injection': { region: faultRegionOfHpasids, process: gpasidProcess },
  'at-injection': { region: faultRegionOfHpasids, process: gpasidProcessDrainsQueue },
  'at-report': { region: faultRegionOfGpasids, process: gpasidProcessDrainsQueue },
  'skips-region': { region: faultRegionOfGpasids, process: gpasidProcessSkipsRegion },
  backwards: { region: faultRegionOfGpasids, process: gpasidProcessBackwards },
};

export const translatedPasid = defineScenario({
  name: 'translated-pasid',
  title: 'A page request names a PASID of the host, the guest has another one, and its process unbinds',
  sources: ['D-09', '989192ac6ad5', '0c9f17877891', 'include/uapi/linux/iommu.h struct iommu_gpasid_bind_data (v5.8)'],
  group: 'iopf',
  systems: ['nested'],
  parameters: z.object({ indexes: howMany('page request group indexes of the device', { max: 2, default: 1 }) }),
  variants: {
    fixed: {
      title: 'translated at the report; an unbind waits for host queue, region and guest queue',
      expected: { verdict: 'holds', counts: [363, 597] },
    },
    'fixed-at-injection': {
      title: 'translated when it is injected; an unbind waits as before',
      expected: { verdict: 'holds', counts: [363, 597] },
    },
    'at-injection': {
      title: "translated when it is injected; an unbind waits for the host's queue (v5.8 to v5.17)",
      expected: { ...violated, length: 11 },
    },
    'at-report': {
      title: "translated at the report; an unbind waits for the host's queue",
      expected: { ...violated, length: 11 },
    },
    'skips-region': {
      title: "translated at the report; an unbind waits for the host's queue and the guest's",
      expected: { ...violated, length: 12 },
    },
    backwards: {
      title: "an unbind waits for all three, the guest's queue first",
      expected: { ...violated, length: 13 },
    },
  },
  build({ indexes }, variant) {
    const { region, process } = versions[variant];
    const user = (name: string, binds: readonly { readonly hpasid: string; readonly gpasid: string }[]) =>
      actorOf(process, {
        input: { name, device: 'dev0', binds: 'binds', registers: 'registers', region: 'region', guest: 'guest' },
        choices: [
          ...binds.map((pasids) => ({ type: 'BIND', ...pasids }) as const),
          ...names('prg', indexes).map((index) => ({ type: 'POST_DMA', index }) as const),
          { type: 'UNBIND' },
          RUN,
        ],
        rest: ['bound', 'unbound'],
      });
    return defineSystem({
      unsent: 'ignore',
      actors: {
        user0: user('user0', [{ hpasid: 'hpasid0', gpasid: 'gpasid0' }]),
        user1: user('user1', [
          { hpasid: 'hpasid0', gpasid: 'gpasid1' },
          { hpasid: 'hpasid1', gpasid: 'gpasid0' },
        ]),
        dev0: actor(pasidFunction, {
          input: { name: 'dev0', iommu: 'registers' },
          rest: ({ context }) => Object.keys(context.groups).length === 0,
        }),
        registers: actor(pageRequestRegisters, { input: { entries: indexes, thread: 'irq' } }),
        irq: actor(prqThreadV70, {
          input: { name: 'irq', registers: 'registers', core: 'region' },
          choices: [RUN],
          rest: ['asleep'],
        }),
        region: actorOf(region, { input: { name: 'region', binds: 'binds' } }),
        vmm: actor(gpasidInjector, {
          input: { name: 'vmm', region: 'region', binds: 'binds', guest: 'guest' },
          choices: [RUN],
        }),
        guest: actor(gpasidQueue, { input: { name: 'guest', binds: 'binds' }, choices: [RUN] }),
        binds: actor(gpasidBinds),
      },
      blocking: ['POST', 'PAGE_REQUEST', 'BIND_GPASID', 'DRAIN', 'READ', 'FLUSH_REGION', 'FLUSH_GUEST'],
      properties: ({ happens, leadsTo, reachable }) => [
        handledInOwnProcess({ user0: 'user0', user1: 'user1' }),
        leadsTo(
          'an unbind comes back',
          (view) => view.get('user0').value === 'stopped',
          (view) => view.get('user0').value === 'unbound',
        ),
        reachable('a process unbinds while the region has a record of it', (view) => {
          return view.get('user0').value === 'stopped' && view.get('region').context.records.length > 0;
        }),
        reachable('a process unbinds while the guest has a request of it', (view) => {
          return view.get('user0').value === 'stopped' && view.get('guest').context.entries.length > 0;
        }),
        happens('the other process has the same host PASID', {
          to: 'binds',
          type: 'BIND_GPASID',
          where: ({ hpasid, process: who }) => who === 'user1' && hpasid === 'hpasid0',
        }),
        happens('the other process has the same guest PASID', {
          to: 'binds',
          type: 'BIND_GPASID',
          where: ({ gpasid, process: who }) => who === 'user1' && gpasid === 'gpasid0',
        }),
        happens('a fault is handled in the guest', { type: 'PRG_RESPONSE', where: ({ code }) => code === 'success' }),
      ],
    });
  },
});
