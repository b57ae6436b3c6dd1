/**
 * The rules of `docs/timing.md` once more, as plainly as can be: lists instead of heaps, all enabled steps found anew after each step.
 * All times are constant. For comparison with the simulation, and for nothing else.
 */
import type { AnyStateNode } from 'xstate';
import type { System } from '../../src/system/system.ts';
import { mix } from '../../src/tabulate/digest.ts';
import { enabledSteps, type PathStep } from '../../src/tabulate/path.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';

/** The same for all that an actor takes, but for what it uses: `GO` may use something else. */
export interface NaiveTiming {
  readonly takes: number;
  /** Which of the resources; none where there is no such one. */
  readonly uses: number;
  readonly goUses: number;
  readonly atStart: boolean;
}

/** `keeps` as the section has it, or a number for some states of each actor. */
export interface NaiveResource {
  readonly units: number;
  readonly wakeUp: number;
  readonly keeps: boolean | number;
}

export interface NaiveOptions {
  readonly actors: readonly NaiveTiming[];
  readonly resources: readonly NaiveResource[];
  /** By channel, in the order of their declaration. */
  readonly latencies: readonly number[];
  readonly time: number;
  readonly steps: number;
}

interface Activity {
  readonly key: string;
  readonly starter: number;
  readonly performer: number;
  readonly order: number;
  readonly uses: number;
  phase: 'waiting' | 'queued' | 'working' | 'tail';
  at: number;
}

/** A unit that is held: by activities that work with it, or because an actor keeps it. */
interface Unit {
  readonly resource: number;
  users: Activity[];
  /** Who keeps it, or has kept it; -1 for nobody. */
  keeper: number;
  isKept: boolean;
}

/** By actor: the states in which it keeps units of a resource. */
export function keptIn(system: System, keeps: number): string[][] {
  const pathsOf = (node: AnyStateNode): string[] =>
    Object.values(node.states).flatMap((child) =>
      child.type === 'history' ? [] : [child.path.join('.'), ...pathsOf(child)],
    );
  return Object.values(system.actors).map(({ machine }, actor) =>
    pathsOf(machine.root).filter((_, state) => ((keeps >> ((7 * actor + state) % 30)) & 1) === 1),
  );
}

/** The indices of the steps, the digest of all with their times, and when it ended. */
export function naiveRun(system: System, options: NaiveOptions): { schedule: number[]; digest: number; end: number } {
  const { actors, resources, latencies } = options;
  const tables = new Tables(system);
  const walker = new Walker(tables);
  const schedule: number[] = [];
  let digest = 0;
  const busyUntil = actors.map(() => 0);
  const due = new Map<number, number>();
  const ready = new Map<string, number[]>();
  let [now, order] = [0, 0];
  let activities: Activity[] = [];
  const queues: Activity[][] = resources.map(() => []);
  const kept = resources.map(({ keeps }) => (typeof keeps === 'number' ? keptIn(system, keeps) : []));
  let units: Unit[] = [];
  /** A unit that its actor may go on with at once. */
  let atHand: { readonly unit: Unit; readonly performer: number } | undefined;

  const starterOf = ({ kind, message, channelSlot }: PathStep) =>
    kind === 'start' ? tables.messages[message]!.to : channelSlot;
  const keyOf = (step: PathStep) => `${step.kind} ${step.message} ${step.channelSlot}`;
  const work = (activity: Activity, from: number) => {
    const { takes, atStart } = actors[activity.performer]!;
    activity.phase = 'working';
    activity.at = atStart ? from : from + takes;
  };
  const take = (activity: Activity) => {
    units.push({ resource: activity.uses, users: [activity], keeper: -1, isKept: false });
    work(activity, now + resources[activity.uses]!.wakeUp);
  };
  const workOn = (unit: Unit, activity: Activity) => {
    unit.users.push(activity);
    work(activity, now);
  };
  /** Gives a unit back if nobody needs it. */
  const review = (unit: Unit) => {
    if (unit.isKept || unit.users.length > 0) return;
    units = units.filter((other) => other !== unit);
    const next = queues[unit.resource]!.shift();
    if (next) take(next);
  };
  const stop = (activity: Activity) => {
    const unit = units.find(({ users }) => users.includes(activity));
    if (!unit) return;
    unit.users = unit.users.filter((other) => other !== activity);
    review(unit);
  };
  const request = (activity: Activity) => {
    const { uses, performer } = activity;
    const own = units.find(({ resource, keeper, isKept }) => isKept && resource === uses && keeper === performer);
    if (atHand?.performer === performer && atHand.unit.resource === uses) {
      workOn(atHand.unit, activity);
      atHand = undefined;
    } else if (own) workOn(own, activity);
    else if (units.filter(({ resource }) => resource === uses).length < resources[uses]!.units) take(activity);
    else {
      activity.phase = 'queued';
      queues[uses]!.push(activity);
    }
  };
  const drop = (activity: Activity) => {
    activities = activities.filter((other) => other !== activity);
    if (activity.phase !== 'queued') stop(activity);
    else queues[activity.uses] = queues[activity.uses]!.filter((other) => other !== activity);
  };
  const isIn = (resource: number, actor: number, state: Int32Array) => {
    const { snapshot } = tables.actors[actor]!.locals[state[actor]!]!;
    return (kept[resource]![actor] ?? []).some((path) => snapshot.matches(path as never));
  };
  /** What becomes of units when a step of an activity has happened, of which a tail may be left. */
  const passOn = (activity: Activity, tail: Activity | undefined, state: Int32Array) => {
    const { uses, performer } = activity;
    const unit = units.find(({ users }) => users.includes(activity));
    if (unit) {
      if (tail) unit.users.push(tail);
      const known = units.find(({ resource, keeper }) => resource === uses && keeper === performer);
      if (isIn(uses, performer, state)) {
        const own = known ?? unit;
        own.keeper = performer;
        own.isKept = true;
        for (const waiting of queues[uses]!.filter((other) => other.performer === performer)) {
          queues[uses] = queues[uses]!.filter((other) => other !== waiting);
          workOn(own, waiting);
        }
      } else if (unit === known) unit.isKept = false;
      if (resources[uses]!.keeps === true && !tail) {
        atHand = { unit, performer };
        unit.users = [];
      } else stop(activity);
    }
    for (const other of units.filter(({ isKept }) => isKept)) {
      if (isIn(other.resource, other.keeper, state)) continue;
      other.isKept = false;
      review(other);
    }
  };
  const lineOf = (slot: number, message: number) => {
    const channel = tables.channelAt(slot)!;
    const key = channel.channel.order === 'fifo' ? `${slot}` : `${slot} ${tables.heldAs(channel, message)}`;
    const line = ready.get(key) ?? [];
    ready.set(key, line);
    return line;
  };
  const latencyOf = (slot: number) => latencies[Object.keys(system.channels).indexOf(tables.nameOf(slot))]!;
  const arm = (slot: number, { armed }: ReturnType<Tables['initial']>) => {
    for (const { delay, ...timer } of armed) {
      const message = tables.messageOf(slot, timer.event, timer);
      due.set(message, now + delay);
      const running = activities.find(({ key, phase }) => phase !== 'tail' && key === `start ${message} -1`);
      if (running) drop(running);
    }
  };
  const effects = (records: PathStep['records']) => {
    for (const { kind, message, slot, before, after } of records) {
      const { event, timer } = tables.messages[message]!;
      if (kind === 'queued') lineOf(slot, message).push(now + latencyOf(slot));
      if (kind !== 'taken' || tables.actors[slot]!.locals[after]!.timers.length === 0) continue;
      const { stepper, locals } = tables.actors[slot]!;
      arm(slot, timer ? stepper.fire(locals[before]!, timer) : stepper.react(locals[before]!, event)!);
    }
  };
  const enable = (step: PathStep) => {
    const { message, channelSlot } = step;
    const { to, timer, event } = tables.messages[message]!;
    let from = Math.max(now, busyUntil[to]!);
    if (timer) from = Math.max(from, due.get(message)!);
    if (channelSlot >= 0) from = Math.max(from, lineOf(channelSlot, message)[0]!);
    const activity: Activity = {
      key: keyOf(step),
      starter: starterOf(step),
      performer: to,
      uses: event.type === 'GO' ? actors[to]!.goUses : actors[to]!.uses,
      order: ++order,
      phase: 'waiting',
      at: from,
    };
    activities.push(activity);
    if (!resources[activity.uses]) work(activity, from);
    else if (from <= now) request(activity);
  };
  const lookAround = (state: Int32Array): PathStep[] => {
    const all = enabledSteps(walker, state);
    const enabled = all.filter(({ kind }) => kind === 'start' || kind === 'deliver');
    for (let slot = 0; slot < tables.slotCount; slot++) {
      const own = enabled.filter((step) => starterOf(step) === slot);
      const pending = activities.filter(({ starter, phase }) => starter === slot && phase !== 'tail');
      for (const activity of pending.reverse()) if (!own.some((step) => keyOf(step) === activity.key)) drop(activity);
      for (const step of own) {
        if (!activities.some(({ key, phase }) => key === keyOf(step) && phase !== 'tail')) enable(step);
      }
    }
    const unit = atHand?.unit;
    atHand = undefined;
    if (unit) review(unit);
    return all;
  };

  walker.record = [];
  walker.start();
  const { record } = walker;
  walker.record = undefined;
  let state: Int32Array = walker.current.slice();
  for (let slot = 0; slot < tables.actorCount; slot++) arm(slot, tables.initial(slot, 0));
  effects(record);
  let steps = lookAround(state);
  while (schedule.length < options.steps) {
    const pending = activities.filter(({ phase }) => phase !== 'queued');
    const first = pending.toSorted((one, other) => one.at - other.at || one.order - other.order)[0];
    if (!first || first.at > options.time) break;
    now = first.at;
    if (first.phase === 'waiting') {
      request(first);
      continue;
    }
    activities = activities.filter((other) => other !== first);
    if (first.phase === 'tail') {
      stop(first);
      continue;
    }
    const step = steps.find((candidate) => keyOf(candidate) === first.key)!;
    const { takes, atStart } = actors[first.performer]!;
    schedule.push(step.index);
    const place = steps.filter((other) => starterOf(other) === first.starter).indexOf(step);
    const [low, high] = new Int32Array(Float64Array.of(now).buffer) as unknown as [number, number];
    for (const word of [first.starter, place, low, high]) digest = mix(digest, word);
    let tail: Activity | undefined;
    if (atStart) {
      busyUntil[first.performer] = now + takes;
      if (resources[first.uses]) {
        tail = { ...first, phase: 'tail', at: now + takes, order: ++order };
        activities.push(tail);
      }
    }
    if (step.channelSlot >= 0) lineOf(step.channelSlot, step.message).shift();
    effects(step.records);
    state = step.state;
    passOn(first, tail, state);
    steps = lookAround(state);
  }
  return { schedule, digest: digest >>> 0, end: now };
}
