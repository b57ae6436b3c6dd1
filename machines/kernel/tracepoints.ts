/**
 * What an engineer can observe of a kernel at work, and which messages of the scenarios that is: see docs/validate.md for where
 * each event comes from. Hardware and choices of the environment stay hidden: what a device posts, what the SMMU answers by
 * itself, when a thread runs.
 */
import type { ObservedField, Vocabulary } from '../../src/system/scenario.ts';

const codes = { 0: 'success', 1: 'invalid', 2: 'failure' };

/** The page request group index, which means nothing without the device. */
const prg = (path: string): ObservedField => ({ path, thing: 'prg', per: 'device' });

/** Page requests of PCIe functions, at the iopf core and at the driver of an SMMUv3 with a PRI queue. */
export const pageRequestEvents: Vocabulary = {
  // io-pgfault.c iommu_report_device_fault()
  dev_fault: {
    type: 'REPORT',
    to: 'core*',
    fields: {
      device: { path: 'request.device', thing: 'dev' },
      prg: prg('request.index'),
      page: { path: 'request.page', thing: 'page' },
      last: 'request.last',
    },
  },
  // The domain's iopf_handler(), with a complete group.
  iopf_group: {
    type: 'QUEUE_WORK',
    to: 'workQueue',
    fields: {
      device: { path: 'group.device', thing: 'dev' },
      prg: prg('group.index'),
      faults: 'group.requests.length',
    },
  },
  // The driver's page_response(); what the SMMU answers by itself nobody sees.
  page_response: {
    type: 'PRG_RESPONSE',
    to: 'dev*',
    from: 'core*',
    fields: { device: { path: '$to', thing: 'dev' }, prg: prg('index'), code: { path: 'code', values: codes } },
  },
  // io-pgfault.c iopf_queue_discard_partial(): one call, which goes through the devices one by one.
  discard_partial: { type: 'DISCARD_PARTIAL', to: 'core0' },
  // The driver reads SMMU_PRIQ_PROD and writes SMMU_PRIQ_CONS.
  priq_prod: { type: 'PROD', to: 'priqThread', fields: { ovflg: 'prod.flag' } },
  priq_cons: { type: 'WRITE_CONS', to: 'priq', fields: { ovackflg: 'cons.flag' } },
};

/** Stalls of an SMMUv3, the fault handler of VFIO type1 and its MMU notifier. A page is known by its IOVA. */
export const stallAndNotifierEvents: Vocabulary = {
  dev_fault: {
    type: 'REPORT',
    to: 'core*',
    fields: { device: { path: 'request.device', thing: 'dev' }, page: { path: 'request.page', thing: 'page' } },
  },
  // The STAG is named after the device.
  page_response: {
    type: 'PRG_RESPONSE',
    to: 'smmuDriver',
    from: 'core*',
    fields: { device: { path: 'index', thing: 'dev' }, code: { path: 'code', values: codes } },
  },
  // pin_user_pages_remote(), called by the handler
  gup: { type: 'GUP', to: 'page*', from: 'handler', fields: { page: { path: '$to', thing: 'page' } } },
  // include/trace/events/iommu.h
  map: { type: 'MAP', to: 'iopte*', fields: { page: { path: '$to', thing: 'page', names: 'iopte*' } } },
  unmap: { type: 'UNMAP', to: 'iopte*', fields: { page: { path: '$to', thing: 'page', names: 'iopte*' } } },
  // The driver's iotlb_sync(), when it puts the command in the queue.
  tlbi: { type: 'TLBI', to: 'cmdq', when: 'sent', fields: { page: { path: 'page', thing: 'page' } } },
  // The callbacks of the notifier, entered
  mmu_notifier_invalidate_range: {
    type: 'INVALIDATE_RANGE',
    to: 'notifier',
    fields: { page: { path: 'page', thing: 'page' } },
  },
  mmu_notifier_invalidate_range_start: {
    type: 'INVALIDATE_RANGE_START',
    to: 'notifier',
    fields: { page: { path: 'page', thing: 'page' } },
  },
  mmu_notifier_invalidate_range_end: {
    type: 'INVALIDATE_RANGE_END',
    to: 'notifier',
    fields: { page: { path: 'page', thing: 'page' } },
  },
};
