/**
 * Transitions that no variant of the catalogue takes at its default size, by machine, each with the reason why that is as it
 * should be. `coverage.test.ts` fails for a transition that is missing here, and for one that is reached after all.
 */
const AFTER_A_VIOLATION = 'what leads here violates a property, at which the search ends';
const SECOND_ANSWER = 'a second answer to a group: no variant with this machine gives one';
const STOP_MARKERS = 'only with stopMarkers=true, a parameter of pri-overflow';
const NO_STOP_MARKERS = 'functions send no Stop Markers in the scenarios with the thread of the series';
const SIGNALS = 'signals are sent in flush-until-empty, to a version that stops its device first';
const ATS_WITH_PRI = 'a device that has ATS and PRI: no scenario has both';
const REPORTED_TO_NOBODY = 'where a device of this core is removed, io-pgfault/report.ts stands before it and answers';
const NEARER_VIOLATION = 'a violation takes no more steps than that, and the search ends with it';
const SHORT_MEMORY = 'only with fewer frames than pages, a parameter of racing-unmap, atc-before-tlb and pre-mapping';
const TRAP = 'a trap takes whatever comes, so that what led there is what is told: the search ends before';
const OVER = 'nothing of that kind comes any more: it is taken so that no state is a trap for it';
const LYING_BIT = 'a page whose bit lies is not brought in again: no CPU touches it in identical-fault-loop';
const NO_PARAMETER =
  'a handle without a fault parameter: only where the device leaves its iopf queue first (B-75), and here it is drained first';
const FREED_ONCE = 'whoever attached a handle frees it, once';
const EACH_HAS_A_REFERENCE = 'whoever uses the handle has a reference on it, and no variant counts wrongly';
const STEP_BY_STEP =
  'a report in one step while groups refer to a removed parameter: where that may be, the report is step by step';
const COUNTED = 'a use after free of the fault parameter: its references are counted, and no variant counts wrongly';
const COUNTED_OBJECTS = 'freed memory that is put or freed once more: no variant counts wrongly';
const TWO_IN_A_GROUP =
  'a request that is not the last of its group and has no private data: only where a function has none at all, with the older thread';
const SECOND_DEVICE = 'another device on the page of the ring: only with devices=2, a parameter of selective-faulting';
const PAGE_IS_MAPPED =
  'a fault on a page that is mapped already, of another device: only with devices=2, a parameter of pre-mapping';
const NO_OVERFLOW_BIT = 'nothing sets PRO in a queue that does without it';
const SECOND_FAULT =
  'a fault on a page that is mapped already, of another device: only with devices=2, a parameter of pin-on-fault';
const ANOTHER_WORKER = 'what another worker does: only with workers=2, a parameter of partial-fallthrough';
const DOMAIN_IS_SET = 'the attach sets the domain under the lock; only the version to v6.10 leaves it for later';

/** Machines that take over transitions of another one, by that one. */
export const VERSIONS: Readonly<Record<string, string>> = {
  coiommuUnpinWorkerReturnsLocked: 'coiommuUnpinWorker',
  drainPrqScansOnce: 'drainPrqOneAtATime',
  evictorUnchargesFirst: 'evictorUnlocks',
  iopfWorkerKeepsLastStatus: 'iopfWorker',
  kvmVcpuNeverFlushes: 'kvmVcpu',
  lockedVmKeepsCharge: 'lockedVm',
  prqOverflowThreadAcknowledgesLast: 'prqOverflowThread',
  sharedMappingInvalidatesFirst: 'sharedMapping',
  unbindThreadFlushesFirst: 'unbindThread',
  unmapNotifiesNonblock: 'unmapNotifies',
  unmapNotifiesUnpaired: 'unmapNotifiesNonblock',
  vfioIopfPremapSpoiled: 'vfioIopfPremap',
  vfioMmuNotifierWithoutSync: 'vfioMmuNotifierStartEnd',
  prqOverflowThread: 'prqThreadV70',
  prqOverflowThreadAnyTail: 'prqOverflowThread',
  prqOverflowThreadCompletes: 'prqOverflowThread',
  prqOverflowThreadClearsFirst: 'prqOverflowThread',
  prqOverflowThreadV511: 'prqOverflowThread',
  prqOverflowThreadV512: 'prqOverflowThread',
  evtqIopfThread: 'evtqThread',
  intervalNotifierWithoutSetSeq: 'intervalNotifier',
  blockEntry: 'iommuPageTableEntry',
  dynamicDmaMapLooksAgain: 'dynamicDmaMap',
  dynamicDmaMapUnlocked: 'dynamicDmaMapLooksAgain',
  dynamicDmaMapV1: 'dynamicDmaMap',
  attachDeviceThreadRemovesFirst: 'attachDeviceThreadV70',
  attachDeviceThreadReplaces: 'attachDeviceThreadV70',
  attachThreadDiscardsAfterDrain: 'attachThreadV70',
  attachThreadDiscardsBeforeDrain: 'attachThreadV70',
  enableThreadClearsFirst: 'enableThreadV70',
  enableThreadClearsFirstInCrashKernel: 'enableThreadV70',
  enableThreadLooksInCrashKernel: 'enableThreadV70',
  attachGroupLinksFirst: 'attachGroupV3',
  faultParam9759ae2cee7c: 'faultParam',
  faultParamV69: 'faultParam9759ae2cee7c',
  faultQueueChecksCodes: 'faultQueue',
  flushPriqLocks: 'flushPriqWalks',
  flushPriqWalks: 'flushPriqThread',
  flushPriqThreadOfDriver: 'flushPriqThread',
  flushPriqThreadOneBatch: 'flushPriqThreadWaits',
  flushPriqThreadUntilEmpty: 'flushPriqThreadWaits',
  flushPriqThreadWaits: 'flushPriqThreadOfDriver',
  reportingThreadV611: 'reportingThread',
  userReaderExits: 'userReader',
  postedReadEndsAt0: 'postedRead',
  eventfdReaderOneGroup: 'eventfdReader',
  pollReaderChecksFirst: 'pollReader',
  faultParamGathers: 'faultParam',
  groupReaderEmptyRead: 'groupReader',
  groupReaderLeavesLoop: 'groupReader',
  groupReaderShortCount: 'groupReader',
  groupReaderV614: 'groupReader',
  groupReaderWholeGroups: 'groupReader',
  faultQueueReserves: 'faultQueue',
  faultQueueV611: 'faultQueue',
  faultQueueV614: 'faultQueue',
  iopfCoreCc7338e9d807: 'iopfCoreV5',
  heldGroupsCount: 'heldGroups',
  iopfCoreComparesPasids: 'iopfCoreV70',
  iopfCoreDiscardsRefused: 'iopfCoreV70',
  iopfCoreFallsThrough: 'iopfCore',
  iopfCoreV5PasidMutex: 'iopfCoreV5',
  lateDomainEntry: 'iommuPageTableEntry',
  iopfCoreRefusesGroups: 'iopfCoreV70',
  pasidArrayCounts: 'pasidArray',
  pasidThreadDrains: 'pasidThreadV70',
  pasidThreadEmptiesLog: 'pasidThreadV70',
  pasidThreadFlushes: 'pasidThreadV70',
  persistentDmaGivesUp: 'persistentDma',
  persistentDmaReusesIndex: 'persistentDma',
  priqDrainThreadAcknowledgesInShadow: 'priqDrainThread',
  priqDrainThreadAcknowledgesOnSight: 'priqDrainThread',
  priqThreadDiscardsFirst: 'priqThread',
  priqThreadNeverDiscards: 'priqThread',
  priqThreadPassesOnce: 'priqThread',
  priqThreadSplitsCons: 'priqThread',
  priqV8ThreadAsksWhetherActive: 'priqV8Thread',
  priqV8ThreadCountsRuns: 'priqV8Thread',
  priqV8ThreadGivesBackLate: 'priqV8Thread',
  priqV8ThreadGivesBackLateAndCountsRuns: 'priqV8ThreadGivesBackLate',
  sharedMappingBtm: 'sharedMapping',
  sharedMappingV65: 'sharedMapping',
  unmapThreadV53: 'unmapThread',
  unmapThreadWithoutSync: 'unmapThread',
  vfioIopfFiltersPinned: 'vfioIopfSelectiveV3',
  vfioIopfLateSequence: 'vfioIopfSequence',
  vfioIopfLooksAgain: 'vfioIopfSequence',
  vfioIopfPremap: 'vfioIopfHandler',
  vfioIopfPremapPastEnd: 'vfioIopfPremap',
  vfioIopfPremapWindow: 'vfioIopfPremap',
  vfioIopfPutEarly: 'vfioIopfSequence',
  vfioIopfSelectiveV3: 'vfioIopfLooksAgain',
  vfioIopfSequence: 'vfioIopfUnlocked',
  vfioIopfTwoDomains: 'vfioIopfHandler',
  vfioIopfUnlocked: 'vfioIopfHandler',
  vfioMmuNotifierSparesPinned: 'vfioMmuNotifierStartEnd',
  vfioMmuNotifierStartEnd: 'vfioMmuNotifier',
  vfioMmuNotifierTwoDomains: 'vfioMmuNotifier',
  vfioMmuNotifierWaits: 'vfioMmuNotifier',
  vfioMmuNotifierWaitsUnlocks: 'vfioMmuNotifierWaits',
  detachGroupUnregistersFirst: 'detachGroupFreesFirst',
  detachGroupWaitsFirst: 'detachGroupFreesFirst',
  detachGroupWaitsLast: 'detachGroupFreesFirst',
  lockedVmUnchecked: 'lockedVm',
  lockedVmDefers: 'lockedVm',
  staticMapNeverPins: 'staticMap',
  staticMapUnpinsEarly: 'staticMap',
  pageZero: 'page',
  pinPagesLeavesMapping: 'pinPages',
  pinPagesV3: 'pinPagesLeavesMapping',
  reclaimUnderPtl: 'reclaim',
  reclaimOutsidePtl: 'reclaimStartEnd',
  vfioIopfMmapLock: 'vfioIopfHandler',
  vfioIopfDmaGone: 'vfioIopfHandler',
  vfioIopfKeepsDma: 'vfioIopfSequence',
  vfioIopfPins: 'vfioIopfHandler',
  vfioIopfPinsWaits: 'vfioIopfPins',
  vfioIopfPinsWaitsWithLock: 'vfioIopfPinsWaits',
  vfioIoctlsConverts: 'vfioIoctlsLateEnable',
  vfioIoctlsLateEnable: 'vfioIoctlsV3',
  coiommuUnpinWorkerChecksFirst: 'coiommuUnpinWorker',
  vfioIopfSequenceMmapLock: 'vfioIopfSequence',
  deviceFaultThreadV614: 'deviceFaultThread',
  deviceFaultThreadV615: 'deviceFaultThread',
  pageZeroStartEnd: 'pageZero',
  replaceThreadWaits: 'replaceThreadV70',
  replaceThreadWithoutDrain: 'replaceThreadV70',
  ridThread: 'attachThreadV70',
  prqEventThreadSteps: 'prqEventThread',
  prqEventThreadV512: 'prqEventThread',
  refcountRcu: 'refcount',
  releaseDeviceDrains: 'releaseDevice',
  releaseDeviceUnlocked: 'releaseDevice',
  releaseDeviceV68: 'releaseDevice',
  svaMmV512: 'svaMm',
  svaMmV518Rc1: 'svaMm',
  deviceFaultRegisters: 'deviceFault',
  attachRidThreadUndrained: 'attachRidThreadV614',
  attachRidThreadV613: 'attachRidThreadV614',
  deregMrAbb604a1a9c8: 'deregMr',
  deregMrUnlocked: 'deregMr',
  deregMrV613: 'deregMr',
  freeKernelTableV618: 'freeKernelTable',
  invalidateRangeV613: 'invalidateRange',
  prqEventThreadV50ClearsPrivateData: 'prqEventThreadV50',
  svaBond: 'svaBondV611',
  svaBondV68: 'svaBondV611',
  svaOwnerE37d5a2d60a3: 'svaOwner',
  svaOwnerV618: 'svaOwner',
  svmBindDeviceWaits: 'svmBindV58',
  svmBindV57: 'svmBindV58',
  svmBindV618: 'svmBindV58',
  deviceFaultUnregisters: 'deviceFault',
  iopfGroupListLinked: 'iopfGroupList',
  iopfLookupFollows: 'iopfLookupV3',
  iovaDeferred: 'iova',
  replaceThreadFb21b1568ada: 'replaceThread',
  rxTidNeverRetries: 'rxTid',
  rxTidV63: 'rxTid',
  svmRange367c9b0f1b87: 'svmRange',
  svmRangeFa582c6f3684: 'svmRange',
  svmRangePutsAsync: 'svmRangeFa582c6f3684',
  v1Ops6eedb59c18a3: 'v1Ops',
  v1OpsEb791aa70b90: 'v1Ops',
  iopfCore738e6f32e61d: 'iopfCore',
  reportingWithoutMemory: 'reportingThread',
  userReader172fc8b19825: 'userReader',
  userReaderV611: 'userReaderV614',
  userReaderV614: 'userReader',
  atsAttachThreadEnablesFirst: 'atsAttachThreadV54',
  atsAttachThreadV52: 'atsAttachThreadV53',
  atsFunctionOfPf: 'atsFunction',
  evtqOverflowThreadV63: 'evtqOverflowThread',
  evtqThreadRefusesS2: 'evtqIopfThread',
  unmapThreadAsksDomain: 'unmapThread',
  unmapThreadCountsAts: 'unmapThreadAsksDomain',
  unmapThreadCountsEarly: 'unmapThreadAsksDomain',
  nestedHandlerSerial: 'nestedHandlerJoins',
  nestedDeviceFaultByIndex: 'nestedDeviceFault',
  nestedDeviceFaultV3: 'nestedDeviceFaultByIndex',
  faultQueueFetchSteps: 'faultQueue',
  userReaderForgets: 'userReaderFetchSteps',
  pageGupWaits: 'page',
  vfioIopfLooksDmaUp: 'vfioIopfKeepsDma',
  pprThreadWaitsV70: 'pprThreadWaits',
  pprThreadWaitsNot: 'pprThreadWaits',
  pprThreadLeavesSlot: 'pprThreadWaits',
  pprThreadRestartsDiscardsClearsBoth: 'pprThreadRestartsDiscards',
};

export const UNREACHED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  refusalEndsGroup: {
    'handled FAULT_HANDLED': ANOTHER_WORKER,
    'refused FAULT_HANDLED': ANOTHER_WORKER,
  },
  iopfWorkerKeepsLastStatus: {
    'faulting FAULT_HANDLED':
      'the last request of a group is refused: where a page is not mapped, it is the first of its group',
  },
  kvmVcpuNeverFlushes: {
    'setting EAGAIN': NEARER_VIOLATION,
  },
  lockedVmKeepsCharge: {
    '(root) UNCHARGE_PAGE': NEARER_VIOLATION,
  },
  faultRegionOfGpasids: {
    '(root) NO_GPASID': 'who unbinds waits for the queue first, so what is reported has its bind',
  },
  pollReaderChecksFirst: {
    'rechecking EMPTY': 'a wake-up for a group that another thread has read meanwhile: the missed one comes first',
  },
  mmReleaseV70: {
    'clearing ENTRY': 'P was cleared before, so that FPD is never set: that is what H-01 is about',
  },
  attachReplay: {
    'attached PHYS': OVER,
  },
  attachV3: {
    'attached PHYS': OVER,
  },
  lruAddDrain: {
    'queued RUN/1': 'only with three CPUs, a parameter of nobody-migrates',
  },
  groupReaderEmptyRead: {
    'fetching FETCHED/1': 'a buffer that is too small stays so: nobody tells the user',
  },
  pageZero: {
    'notifying NOTIFIED': AFTER_A_VIOLATION,
  },
  reclaimUnderPtl: {
    'notifying NOTIFIED': AFTER_A_VIOLATION,
  },
  groupReader: {
    'responding EINVAL': AFTER_A_VIOLATION,
  },
  allocation: {
    'free KFREE': 'a driver that frees twice: none does',
  },
  anonVma: {
    'empty UNLINK': 'an address space that exits once takes its VMA off once',
  },
  atsAttachThreadDisablesLast: {
    'invalidating SYNC_COMPLETE': AFTER_A_VIOLATION,
    'invalidated RUN': AFTER_A_VIOLATION,
    'atsOff RUN': AFTER_A_VIOLATION,
  },
  atsFunction: {
    'turnedOff UNSUPPORTED_REQUEST': AFTER_A_VIOLATION,
    'crossed UNSUPPORTED_REQUEST': AFTER_A_VIOLATION,
    'unsupported DISABLE_ATS': AFTER_A_VIOLATION,
    'unsupported INVALIDATE_REQUEST': AFTER_A_VIOLATION,
    'unsupported ENABLE_ATS': AFTER_A_VIOLATION,
  },
  pinnedMm: {
    'freed MMGRAB': AFTER_A_VIOLATION,
    'freed MMDROP': AFTER_A_VIOLATION,
    'freed CONTEXT_GET': AFTER_A_VIOLATION,
    'freed FREE': AFTER_A_VIOLATION,
  },
  atcEntry: {
    'translating TRANSLATION_COMPLETION/1': ATS_WITH_PRI,
    'cached DMA/1': 'a write through a read-only entry: no scenario with an ATC has read-only pages',
    'missing RUN': ATS_WITH_PRI,
    'missing INVALIDATE_REQUEST': ATS_WITH_PRI,
    'waiting ANSWERED': ATS_WITH_PRI,
    'waiting INVALIDATE_REQUEST': ATS_WITH_PRI,
  },
  attachHandle: {
    'freed FREE': FREED_ONCE,
    'usedAfterFree ALLOC': TRAP,
    'usedAfterFree IOPF_HANDLER': TRAP,
    'usedAfterFree FOLLOW': TRAP,
    'usedAfterFree FREE': TRAP,
  },
  attachHandleCounted: {
    'freed IOPF_HANDLER': EACH_HAS_A_REFERENCE,
    'freed FOLLOW': EACH_HAS_A_REFERENCE,
    'freed GET': EACH_HAS_A_REFERENCE,
    'freed PUT': EACH_HAS_A_REFERENCE,
    'freed FREE': FREED_ONCE,
    'usedAfterFree ALLOC': TRAP,
    'usedAfterFree IOPF_HANDLER': TRAP,
    'usedAfterFree FOLLOW': TRAP,
    'usedAfterFree GET': TRAP,
    'usedAfterFree PUT': TRAP,
    'usedAfterFree FREE': TRAP,
  },
  commandQueue: {
    '(root) PRI_RESP': 'scenarios with PRI answer by page-response.ts, without a command queue',
  },
  consumer: {
    'confused ITEM': AFTER_A_VIOLATION,
  },
  ctxDesc: {
    'quiet QUIET_CD': AFTER_A_VIOLATION,
  },
  devIommu: {
    'freed CLEAR_FAULT_PARAM': 'the thread that clears it frees it afterwards, and once',
    'freed FREE': 'the thread that clears it frees it afterwards, and once',
  },
  detachVtdRid: {
    'detached DETACH': OVER,
    'detached RUN': OVER,
  },
  deviceFault: {
    'unregistered UNREGISTER': OVER,
    'unregistered RESPOND': OVER,
    'unregistered HANDLED': OVER,
  },
  deviceFaultRegisters: {
    'inHandler ENODEV': AFTER_A_VIOLATION,
  },
  deregMrAbb604a1a9c8: {
    'reclaiming NOTIFIED': 'its notifier waits for the mutex that the thread itself holds',
  },
  intelSvm: {
    'freed FREE': 'who unbinds frees it, once',
  },
  kernelTablePage: {
    'freed FREE': 'who unmaps frees it, once',
  },
  prqEventThreadV50: {
    'finding NO_DATA/1': TWO_IN_A_GROUP,
    'faulting FAULT_HANDLED/1': TWO_IN_A_GROUP,
  },
  prqEventThreadV50ClearsPrivateData: {
    'finding NO_DATA/1': 'the process of cleared-private-data does not unbind',
  },
  svaBond: {
    'asking NULL': DOMAIN_IS_SET,
  },
  svaBondV611: {
    'asking NULL': DOMAIN_IS_SET,
  },
  svaMmData: {
    'freed MMGRAB': COUNTED_OBJECTS,
    'freed MMDROP': COUNTED_OBJECTS,
    'freed FREE': COUNTED_OBJECTS,
    'freed INVALIDATE_SECONDARY_TLBS': AFTER_A_VIOLATION,
  },
  smallAddressSpace: {
    'freedPageAccessed ZAP': TRAP,
    'freedPageAccessed RUN': TRAP,
    'freedPageAccessed TOUCH': TRAP,
    'freedPageAccessed ACCESS_PAGE': TRAP,
  },
  vfioIopfLooksDmaUp: {
    'mappingEntry EEXIST': AFTER_A_VIOLATION,
  },
  umrQp: {
    'error UPDATE_XLT': TRAP,
    'error REVOKE_MKEY': TRAP,
  },
  deferredListWork: {
    'gone PUT': TRAP,
  },
  exactlyOneAnswer: {
    'owing PRG_RESPONSE/1':
      'an answer to an incomplete group: in missing-return the first one comes while no other answer is due',
  },
  faultParam: {
    'removed REPORT': STEP_BY_STEP,
    'removed GET_PARAM': AFTER_A_VIOLATION,
    'removed ADD_DEVICE': AFTER_A_VIOLATION,
    'freed REPORT': 'with the newest core every device is drained before it is removed, or its report is step by step',
    'freed LINK': COUNTED,
    'usedAfterFree GET_PARAM': TRAP,
    'usedAfterFree LINK': TRAP,
    'removed UNLINK': 'the handler dequeues a group as it gets it, and a device that was removed reports none',
    'freed UNLINK': COUNTED,
    'freed RESPOND': COUNTED,
    'freed PUT': COUNTED,
    'usedAfterFree REPORT': TRAP,
    'usedAfterFree ADD_DEVICE': TRAP,
    'usedAfterFree REMOVE_DEVICE': TRAP,
    'usedAfterFree UNLINK': COUNTED,
    'usedAfterFree RESPOND': COUNTED,
    'usedAfterFree PUT': COUNTED,
  },
  faultingFunction: {
    'unexpectedIndex PRG_RESPONSE': TRAP,
    'unexpectedIndex REQUEST': TRAP,
    'unexpectedIndex RUN': TRAP,
    'unexpectedIndex STOP': TRAP,
    'unexpectedIndex START': TRAP,
  },
  flushPriqThread: {
    'waiting SIGNAL': SIGNALS,
    'woken SIGNAL': SIGNALS,
    'interrupted RUN': SIGNALS,
    'checking LOOKED/1':
      'woken too early: with a queue of one entry, as two-overflow-readers has it, who is woken finds it empty or two batches on',
  },
  flushPriqThreadOfDriver: {
    'woken SIGNAL': AFTER_A_VIOLATION,
    'checking LOOKED/1': AFTER_A_VIOLATION,
  },
  flushPriqThreadOneBatch: {
    'checking LOOKED/1': 'where each run of the handler is a batch, who is woken finds one counted',
  },
  faultParam9759ae2cee7c: {
    'added RESPOND/1': SECOND_ANSWER,
  },
  faultQueueReserves: {
    '(root) WRITE/2': 'a cookie that nobody was given: readers write what they were given, once',
  },
  faultQueueV611: {
    '(root) FETCH_NEXT': AFTER_A_VIOLATION,
  },
  groupOnStack: {
    'stackFreed ALLOC': AFTER_A_VIOLATION,
    'stackFreed GROUP_RESPONSE': AFTER_A_VIOLATION,
    'stackFreed RELEASE': AFTER_A_VIOLATION,
    'stackFreed FREE': AFTER_A_VIOLATION,
  },
  iopfCore738e6f32e61d: {
    'removed RESPOND': 'a second answer after a removal: fault-param.ts has the memory that it would follow',
  },
  iopfCore: {
    'removed REPORT': REPORTED_TO_NOBODY,
    'removed DISCARD_PARTIAL': 'a stall is never partial, and only devices with stalls are removed from this core',
  },
  iopfCoreFallsThrough: {
    'added REPORT': 'a group of one request: its DMA asks for two pages',
    'referenceMissing DISCARD_PARTIAL': AFTER_A_VIOLATION,
    'referenceMissing REPORT/1': AFTER_A_VIOLATION,
    'referenceMissing RESPOND/1': AFTER_A_VIOLATION,
    'freed REPORT': AFTER_A_VIOLATION,
    'freed RESPOND': AFTER_A_VIOLATION,
    'freed DISCARD_PARTIAL': AFTER_A_VIOLATION,
    'freed REMOVE_DEVICE': AFTER_A_VIOLATION,
    'freed ADD_DEVICE': AFTER_A_VIOLATION,
  },
  iopfCoreCc7338e9d807: {
    'added RESPOND/1': SECOND_ANSWER,
  },
  iopfCoreV5PasidMutex: {
    'added RESPOND/1': SECOND_ANSWER,
  },
  iopfCoreV5: {
    'added RESPOND/1': SECOND_ANSWER,
  },
  iopfCoreComparesPasids: {
    'finding HANDLE/2': NO_PARAMETER,
  },
  iopfCoreDiscardsRefused: {
    'finding HANDLE/2': NO_PARAMETER,
  },
  iopfCoreV70: {
    'finding HANDLE/2': NO_PARAMETER,
  },
  iopfGroupMemory: {
    'allocated ALLOC': AFTER_A_VIOLATION,
    'freed DEQUEUE': 'the handler dequeues a group as it gets it, before anybody can free it',
  },
  iommuPageTableEntry: {
    'invalid UNMAP_FAST': LYING_BIT,
    'valid TRY_MAP': AFTER_A_VIOLATION,
  },
  nestedHandlerEachAnswers: {
    '(root) PRG_RESPONSE/1': AFTER_A_VIOLATION,
  },
  objectLifetime: {
    'sound */3': 'a second free: in two-owners the freed group is touched in fewer steps',
  },
  pageRequestGroup: {
    'requesting RUN/1': 'a group of more than two requests: descriptors touch two pages at most',
  },
  pasidArrayCounts: {
    'valid LOOK_UP/1': 'a PASID without a handle: a replacement leaves it one always',
  },
  pri: {
    'failed POST_STOP_MARKER': TRAP,
    'failed ABANDON': TRAP,
    'failed PRG_RESPONSE':
      'an answer after a Failure: in mixed-group, where somebody answers so, a violation takes no more steps',
  },
  iopfGroupList: {
    'linked LINK_IOPF_GROUP': 'a group is linked once',
  },
  iopfLookupV3: {
    'notFound RUN': AFTER_A_VIOLATION,
  },
  iova: {
    'faulted DMA': TRAP,
    'faulted DMA_MAP': TRAP,
    'faulted DMA_UNMAP': TRAP,
    'faulted FLUSH': TRAP,
  },
  mmStruct: {
    'exited MMPUT':
      'the exit under way is found sooner: the last user that mmget adds to it can be dropped before it ends',
    'exitingTwice MMGET': TRAP,
    'exitingTwice MMGET_NOT_ZERO': TRAP,
    'exitingTwice MMPUT': TRAP,
    'exitingTwice MMPUT_ASYNC': TRAP,
    'exitingTwice MMDROP': TRAP,
    'exitingTwice EXITED': TRAP,
  },
  priQueue: {
    '(root) STOP_MARKER': STOP_MARKERS,
    '(root) STOP_MARKER/1': STOP_MARKERS,
    '(root) STOP_MARKER/2': STOP_MARKERS,
  },
  priqDrainThread: {
    'readingEntry ENTRY': STOP_MARKERS,
  },
  priqDrainThreadAcknowledgesOnSight: {
    'afterOverflow.readingEntry ENTRY': STOP_MARKERS,
  },
  priqThread: {
    'readingEntry ENTRY': STOP_MARKERS,
  },
  priqThreadDiscardsFirst: {
    'discarding RUN/1': AFTER_A_VIOLATION,
  },
  prqEventThread: {
    'finding NOT_FOUND': 'its devices stay: in device-vanishes, where one goes, the thread is prqEventThreadSteps',
    'finding NOT_FOUND/1': 'a partial request of a device that went: groups have one request in device-vanishes',
  },
  refcount: {
    'freed PUT': COUNTED_OBJECTS,
    'freed FREE': COUNTED_OBJECTS,
  },
  priqV8Thread: {
    'reading REMOVED': NO_STOP_MARKERS,
  },
  priqV8ThreadCountsRuns: {
    'ending RUN': AFTER_A_VIOLATION,
    'ending RUN/1': AFTER_A_VIOLATION,
  },
  svaMm: {
    'exited GET_PASID/1': 'an mm without a PASID that has bonds: only svaMmV518Rc1 drops it before',
  },
  tuple: {
    '(root) WRITE': 'a word that is written again after it was read: no variant writes a word twice',
  },
  unmapThread: {
    'allocating NO_FRAME': SHORT_MEMORY,
  },
  v1Ops: {
    'walking ENTRY/4': AFTER_A_VIOLATION,
    'failed RUN': AFTER_A_VIOLATION,
  },
  cpuTlb: {
    'readOnly STORE_TO': AFTER_A_VIOLATION,
  },
  faultParam0095bf83554f: {
    'removed GET_PARAM': 'a report that begins after the removal: one that the removal meets goes wrong in fewer steps',
    'usedAfterFree GET_PARAM': TRAP,
    'usedAfterFree LINK': TRAP,
    'usedAfterFree UNLINK': TRAP,
    'usedAfterFree RESPOND': TRAP,
    'usedAfterFree PUT': TRAP,
    'usedAfterFree REMOVE_DEVICE': TRAP,
  },
  virtualFunction: {
    'starved DMA': TRAP,
    'starved ACCEPTED': TRAP,
    'starved REFUSED': TRAP,
    'starved PRG_RESPONSE': TRAP,
  },
  faultLists: {
    'sound NEXT/2':
      'a walk that comes to freed memory as what is next: with one index it meets it as what it has in hand in fewer steps',
    'corrupt ADD_PARTIAL': TRAP,
    'corrupt GATHER': TRAP,
    'corrupt FIRST': TRAP,
    'corrupt LIST_DEL': TRAP,
    'corrupt FREE_PARTIALS': TRAP,
  },
  sharedPri: {
    'failed RESPONSE_FAILURE': 'a second Failure: that a function is starved by the first one takes fewer steps',
  },
  reportingThread: {
    'warned RUN': AFTER_A_VIOLATION,
  },
  responseTimer: {
    'armed QUEUE_WORK': AFTER_A_VIOLATION,
  },
  userReaderV611: {
    'readFailed RUN': AFTER_A_VIOLATION,
    'fetchingNext FETCHED': AFTER_A_VIOLATION,
  },
  lockedVmDefers: {
    '(root) UNCHARGE_PAGE': AFTER_A_VIOLATION,
  },
  staticMapNeverPins: {
    'synced RUN': AFTER_A_VIOLATION,
  },
  pinPages: {
    'mapping DMA_FOUND': SECOND_DEVICE,
    'unmapping DMA_FOUND/1': AFTER_A_VIOLATION,
  },
  dynamicDmaMap: { 'findingDma DMA_FOUND': SECOND_FAULT },
  dynamicDmaMapLooksAgain: { 'findingDma DMA_FOUND': SECOND_FAULT },
  vfioIopfFiltersPinned: {
    'findingRange RANGE':
      'a fault on what is pinned: there is none where a pin maps, and where it does not the search ends at it',
  },
  vfioIopfLooksAgain: {
    'lookingAgain DMA_FOUND': SECOND_DEVICE,
  },
  vfioIopfSelectiveV3: {
    'locking RUN/1': SECOND_DEVICE,
    'findingDma DMA_FOUND': SECOND_DEVICE,
  },
  vfioIopfHandler: {
    'gettingPage NO_MEMORY': SHORT_MEMORY,
    'failed RUN': SHORT_MEMORY,
  },
  vfioDma: {
    'usedAfterFree FIND': TRAP,
    'usedAfterFree LINK': TRAP,
    'usedAfterFree UNLINK': TRAP,
    'usedAfterFree SET_MAPPED': TRAP,
    'usedAfterFree CLEAR_MAPPED': TRAP,
  },
  coiommuPinWorker: {
    'looking ENTRY': 'a page that is pinned already: it has one user here, who asks where it is not',
  },
  vfioIopfPins: {
    'gettingPage NO_MEMORY': 'eviction-meets-fault has as many frames as pages',
  },
  vfioIopfPinsWaitsWithLock: {
    'waitingForRoom RUN': 'who could evict a page waits for the lock of who waits here: that is the deadlock',
  },
  vfioIopfUnlocked: {
    'gettingPage NO_MEMORY': SHORT_MEMORY,
  },
  vfioMmuNotifierTwoDomains: {
    'unmapping UNMAPPED/1': LYING_BIT,
  },
  vfioIopfPremap: {
    'findingDma DMA_FOUND': PAGE_IS_MAPPED,
    'gettingPage NO_MEMORY': SHORT_MEMORY,
    'gettingPage NO_MEMORY/1': SHORT_MEMORY,
    'failed RUN': SHORT_MEMORY,
  },
  vfioIopfPremapPastEnd: {
    'findingDma DMA_FOUND': PAGE_IS_MAPPED,
  },
  vfioIopfPremapWindow: {
    'findingDma DMA_FOUND': PAGE_IS_MAPPED,
    'goingOn DMA_FOUND': 'a page between two others: only with premap=3, a parameter of pre-mapping',
  },
  lockedVmUnchecked: {
    '(root) UNCHARGE_PAGE': NEARER_VIOLATION,
  },
  refusedForItsOwn: {
    'fair POST': 'a request of another function: recalled-partials has one function',
  },
  iommufdObject: {
    'freed DEC_USERS': COUNTED_OBJECTS,
    'freed DEC_IF_ONE': COUNTED_OBJECTS,
    'freed FREE': COUNTED_OBJECTS,
  },
  attachHandleOfGroup: {
    'freed READ_DEV_ID':
      'the last device to leave waits for its requests, and all groups are answered before the handle is freed',
    'freed FREE': FREED_ONCE,
  },
  iommufdDevice: {
    'freed FREE': 'a device is closed once',
  },
  devIdQueueV70: {
    '(root) AUTO_RESPONSE': NEARER_VIOLATION,
  },
  pasidPri: {
    'failed AWAIT_STOPPED': AFTER_A_VIOLATION,
    'off DISABLE_PRI': 'a shutdown turns PRI off once, and who resets it after an abort turns it on again',
  },
  priqPasidsThread: {
    'handled always/1': 'an entry that is not the newest: only with entries=2, a parameter of automatic-answers',
  },
  priqShutdownSteFirst: {
    'stopped RUN': NEARER_VIOLATION,
  },
  priqShutdownQueueFirst: {
    'stopping RUN': NEARER_VIOLATION,
  },
  pprThreadWaits: {
    'reported RUN': 'a report of a part of a group: the groups of late-ppr-entry have one request each',
  },
  emulatedPrqWholeGroups: {
    '(root) CLEAR_PRO': NO_OVERFLOW_BIT,
  },
  emulatedPrqWithoutPro: {
    '(root) CLEAR_PRO': NO_OVERFLOW_BIT,
  },
  vmmGroupsIgnoresEnospc: {
    'injecting ENOSPC/1': NEARER_VIOLATION,
  },
  dmaTrackingEntry: {
    '(root) CLEAR_PINNED': NEARER_VIOLATION,
  },
  coiommuUnpinWorkerChecksFirst: {
    'done RUN': NEARER_VIOLATION,
  },
};
