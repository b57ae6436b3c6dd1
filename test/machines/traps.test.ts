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
  const files = (readdirSync(root, { recursive: true }) as string[]).filter((file) => file.endsWith('.ts'));
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
