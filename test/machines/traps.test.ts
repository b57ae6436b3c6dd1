/** A state that a machine cannot leave is where something has gone wrong: what is sent there must not hide that behind a model error. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';

const root = fileURLToPath(new URL('../../machines', import.meta.url));

/** What is not taken on purpose. */
const NOT_TAKEN: Readonly<Record<string, readonly string[]>> = {
  // Systems list it as `blocking`: nobody posts to an interface that has failed; who wants to waits, as without a credit.
  'pri.failed': ['POST'],
  // An end, and no failure: who removes a device twice is wrong.
  'iopfCore.removed': ['REMOVE_DEVICE'],
  'link.down': ['UNPLUG'],
  'atsCompleter.down': ['UNPLUG'],
  // A removal that is over: it has nothing to do, and waits for nobody.
  'releaseDevice.gone': ['REMOVE', 'RUN', 'INVALIDATED', 'TIMED_OUT', 'NOT_FOUND'],
  'releaseDeviceV68.gone': ['REMOVE', 'RUN', 'INVALIDATED', 'TIMED_OUT'],
  'releaseDeviceUnlocked.gone': ['REMOVE', 'RUN', 'INVALIDATED', 'TIMED_OUT', 'NOT_FOUND'],
  'releaseDeviceDrains.gone': ['REMOVE', 'RUN', 'INVALIDATED', 'TIMED_OUT', 'NOT_FOUND', 'IN_QUEUE', 'NOT_IN_QUEUE'],
  // Processes that unbind once.
  'svaUnbindOnce.over': ['BIND', 'POST_DMA', 'UNBIND', 'RUN'],
  'svaUnbindOnceQueueFirst.over': ['BIND', 'POST_DMA', 'UNBIND', 'RUN'],
  // An end, and no failure: who clears or binds twice is wrong.
  'umemOdp.disowned': ['CLEAR_PRIVATE'],
  'kernelTableEntry.cleared': ['CLEAR'],
  'privateDataFunction.running': ['START_PASID'],
  // An end, and no failure: it is done once, by a thread that is over, or to what is gone.
  'deviceFaultUnregisters.unregistered': ['UNREGISTER', 'RESPOND', 'HANDLED', 'ENODEV'],
  'tearDownV612.destroyed': ['KILL', 'RUN'],
  'devicePrivatePage.inRam': ['TRYLOCK', 'COLLECT', 'MIGRATE'],
  'detachGroupFreesFirst.detached': ['DETACH_GROUP', 'RUN'],
  'detachGroupUnregistersFirst.detached': ['DETACH_GROUP', 'RUN'],
  'detachGroupWaitsFirst.detached': ['DETACH_GROUP', 'RUN'],
  'detachGroupWaitsLast.detached': ['DETACH_GROUP', 'RUN'],
  'iopfGroupListLinked.empty': ['UNLINK_IOPF_GROUP'],
  'vfioIopfGroup.freed': ['FREE'],
  'userReaderExits.exited': ['RUN', 'EXIT', 'FETCHED', 'COPIED', 'SLEEP', 'COPY_FAILED', 'WAKE', 'WRITTEN', 'EINVAL'],
  // A thread that is over: what it does is done once, and nobody answers it any more.
  'amdUnplugThread.gone': ['UNPLUG', 'RUN'],
  'closeDevice.closed': ['CLOSE', 'RUN'],
  'destroyThread.closed': ['DESTROY', 'CLOSE', 'OBJECT', 'ENOENT', 'ZERO', 'BUSY', 'RUN'],
  'drainOverflowOnce.drained': ['DETACH', 'RUN', 'STATUS'],
  'drainOverflowUnseen.drained': ['DETACH', 'RUN'],
  'drainOverflowV70.drained': ['DETACH', 'RUN', 'STATUS'],
  'drainPrqOneAtATime.drained': ['DETACH', 'RUN', 'IN_QUEUE', 'NOT_IN_QUEUE'],
  'drainPrqScansOnce.drained': ['DETACH', 'RUN', 'IN_QUEUE', 'NOT_IN_QUEUE'],
  'drainPrqV70.drained': ['DETACH', 'RUN', 'IN_QUEUE', 'NOT_IN_QUEUE'],
  'flushDevTlb.unmapped': ['UNMAP', 'RETURNED'],
  'eventqRelease.closed': ['CLOSE', 'RUN'],
  'eventqReleasePutsFirst.closed': ['CLOSE', 'RUN'],
  'eventqReleaseV611.closed': ['CLOSE', 'RUN'],
  'mapPages.mapped': ['RUN', 'TABLE', 'NO_TABLE', 'ENTRY'],
  'mapPagesRelaxed.mapped': ['RUN', 'TABLE', 'NO_TABLE', 'ENTRY'],
  'mapPagesRelaxed.refused': ['RUN', 'TABLE', 'NO_TABLE', 'ENTRY'],
  'mmReleaseSetsFpdLate.exited': ['EXIT', 'RUN', 'LISTED', 'NONE', 'ENTRY'],
  'mmReleaseV618.exited': ['EXIT', 'RUN', 'LISTED', 'NONE', 'ENTRY'],
  'mmReleaseV70.exited': ['EXIT', 'RUN', 'LISTED', 'NONE', 'ENTRY'],
  'priqShutdown.down': ['SHUT_DOWN', 'RUN'],
  'priqShutdownQueueFirst.down': ['SHUT_DOWN', 'RUN'],
  'priqShutdownSteFirst.down': ['SHUT_DOWN', 'RUN'],
  'svaUnbindAlwaysDrains.unbound': ['UNBIND', 'RUN', 'ENTRY', 'LISTED'],
  'svaUnbindV70.unbound': ['UNBIND', 'RUN', 'ENTRY', 'LISTED'],
  // A reader that has given up, or has taken 0 for the end: it reads, polls and copies nothing more.
  'blockingReaderReturns0.ended': ['RUN', 'GROUP', 'NO_GROUP'],
  'pollingReader.gaveUp': ['RUN', 'READABLE', 'ASLEEP', 'WAKE', 'FETCHED', 'NO_GROUP', 'COPIED', 'COPY_FAILED'],
  'postedReadEndsAt0.ended': ['RUN', 'READABLE', 'EMPTY', 'WAKE', 'GROUP', 'NO_GROUP'],
  // The last reference to it is gone: who puts it, or asks it for something, without one is wrong.
  'iommufdContext.released': ['PUT', 'LOOK_UP', 'ERASE', 'RUN', 'ZERO', 'BUSY'],
  'iommufdContext.warned': ['PUT', 'LOOK_UP', 'ERASE', 'RUN', 'ZERO', 'BUSY'],
  'pciDevice.released': ['PUT', 'DESTROY'],
  // A register's client that has all its answers: another one stays where it is.
  'registerClient.done': ['PUT_OK', 'GET_OK'],
  // What its version forgets: it has no command in the ring, and nothing else begins before that is over.
  'rxTidNeverRetries.pending': ['SETUP_TID', 'DELETE_TID', 'POSTED', 'RING_FULL', 'COMMAND_DONE', 'RUN'],
};

function statesBelow(node: AnyStateNode): AnyStateNode[] {
  return Object.values(node.states).flatMap((child) => [child, ...statesBelow(child)]);
}

function lineOf(node: AnyStateNode): AnyStateNode[] {
  return node.parent ? [node, ...lineOf(node.parent)] : [node];
}

/** The transitions of an event in a state, its own before those of its parents. */
function transitionsOf(node: AnyStateNode, event: string) {
  return lineOf(node)
    .map(({ transitions }) => transitions.get(event) ?? transitions.get('*'))
    .find((found) => found !== undefined);
}

function hasWayOut(node: AnyStateNode, events: readonly string[]): boolean {
  if ((node.always?.length ?? 0) > 0 || node.after.length > 0) return true;
  return events.some((event) => transitionsOf(node, event)?.some(({ target }) => target?.some((one) => one !== node)));
}

interface Trap {
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly state: AnyStateNode;
}

async function findTraps(): Promise<Trap[]> {
  const files = (readdirSync(root, { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts'))
    // Machines of a study are coarse: some come to an end, and nobody sends them anything then.
    .filter((file) => !file.startsWith('studies/'));
  const traps: Trap[] = [];
  for (const file of files) {
    const module: Record<string, unknown> = await import(`${root}/${file}`);
    for (const [name, value] of Object.entries(module)) {
      const machine = value as AnyStateMachine | undefined;
      if (typeof machine !== 'object' || machine === null || machine.root?.states === undefined) continue;
      for (const state of statesBelow(machine.root)) {
        // A monitor ignores what it has no transition for.
        const isLeaf = state.type === 'atomic' && !state.tags.includes('violation');
        if (isLeaf && !hasWayOut(state, machine.events)) {
          traps.push({ name: `${name}.${state.path.join('.')}`, machine, state });
        }
      }
    }
  }
  return traps;
}

test('states without a way out take every message of their machine', async () => {
  const traps = await findTraps();
  expect(traps.map(({ name }) => name)).toContain('faultingFunction.unexpectedIndex');
  expect(traps.length).toBeGreaterThan(3);
  const untaken = traps.flatMap(({ name, machine, state }) =>
    machine.events
      .filter(
        (event) => event !== '*' && transitionsOf(state, event) === undefined && !NOT_TAKEN[name]?.includes(event),
      )
      .map((event) => `${name} does not take ${event}`),
  );
  expect(untaken).toEqual([]);
});
