/**
 * The rules of `docs/timing.md` once more, as plainly as can be: lists instead of heaps, all enabled steps found anew after each step.
 * All times are constant. For comparison with the simulation, and for nothing else.
 */
import type { System } from '../../src/system/system.ts';
import { mix } from '../../src/tabulate/digest.ts';
import { enabledSteps, type PathStep } from '../../src/tabulate/path.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';

/** The same for all that an actor takes. */
export interface NaiveTiming {
  readonly takes: number;
  readonly usesCpu: boolean;
  readonly atStart: boolean;
}

export interface NaiveOptions {
  readonly actors: readonly NaiveTiming[];
  readonly cpu: { readonly units: number; readonly wakeUp: number; readonly keeps: boolean };
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
  phase: 'waiting' | 'queued' | 'working' | 'tail';
  at: number;
}

/** The indices of the steps, the digest of all with their times, and when it ended. */
export function naiveRun(system: System, options: NaiveOptions): { schedule: number[]; digest: number; end: number } {
  const { actors, cpu, latencies } = options;
  const tables = new Tables(system);
  const walker = new Walker(tables);
  const schedule: number[] = [];
  let digest = 0;
  const busyUntil = actors.map(() => 0);
  const due = new Map<number, number>();
  const ready = new Map<string, number[]>();
  let [now, order, held] = [0, 0, 0];
  let activities: Activity[] = [];
  const queue: Activity[] = [];
  let keeper = -1;

  const starterOf = ({ kind, message, channelSlot }: PathStep) =>
    kind === 'start' ? tables.messages[message]!.to : channelSlot;
  const keyOf = (step: PathStep) => `${step.kind} ${step.message} ${step.channelSlot}`;
  const usesCpu = ({ performer }: Activity) => actors[performer]!.usesCpu;
  const work = (activity: Activity, from: number) => {
    const { takes, atStart } = actors[activity.performer]!;
    activity.phase = 'working';
    activity.at = atStart ? from : from + takes;
  };
  const giveBack = () => {
    const next = queue.shift();
    if (next) work(next, now + cpu.wakeUp);
    else held--;
  };
  const request = (activity: Activity) => {
    if (keeper === activity.performer) {
      keeper = -1;
      work(activity, now);
    } else if (held < cpu.units) {
      held++;
      work(activity, now + cpu.wakeUp);
    } else {
      activity.phase = 'queued';
      queue.push(activity);
    }
  };
  const drop = (activity: Activity) => {
    activities = activities.filter((other) => other !== activity);
    if (activity.phase === 'queued') queue.splice(queue.indexOf(activity), 1);
    else if (activity.phase === 'working' && usesCpu(activity)) giveBack();
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
    const { to, timer } = tables.messages[message]!;
    let from = Math.max(now, busyUntil[to]!);
    if (timer) from = Math.max(from, due.get(message)!);
    if (channelSlot >= 0) from = Math.max(from, lineOf(channelSlot, message)[0]!);
    const activity: Activity = {
      key: keyOf(step),
      starter: starterOf(step),
      performer: to,
      order: ++order,
      phase: 'waiting',
      at: from,
    };
    activities.push(activity);
    if (!usesCpu(activity)) work(activity, from);
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
    if (keeper >= 0) {
      keeper = -1;
      giveBack();
    }
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
      giveBack();
      continue;
    }
    const step = steps.find((candidate) => keyOf(candidate) === first.key)!;
    const { takes, atStart } = actors[first.performer]!;
    schedule.push(step.index);
    const place = steps.filter((other) => starterOf(other) === first.starter).indexOf(step);
    const [low, high] = new Int32Array(Float64Array.of(now).buffer) as unknown as [number, number];
    for (const word of [first.starter, place, low, high]) digest = mix(digest, word);
    if (atStart) {
      busyUntil[first.performer] = now + takes;
      if (usesCpu(first)) activities.push({ ...first, phase: 'tail', at: now + takes, order: ++order });
    }
    if (step.channelSlot >= 0) lineOf(step.channelSlot, step.message).shift();
    effects(step.records);
    if (usesCpu(first) && !atStart) {
      if (cpu.keeps) keeper = first.performer;
      else giveBack();
    }
    state = step.state;
    steps = lookAround(state);
  }
  return { schedule, digest: digest >>> 0, end: now };
}
