/** What the timing says of a step that the walker has just run: what is timed, what it arms, what it sends through channels that take time. */
import { bad } from '../system/shapes.ts';
import type { Reaction } from '../tabulate/stepper.ts';
import { DELIVER, LOSE, type Tables } from '../tabulate/tables.ts';
import { START, type StepRecord, type Walker } from '../tabulate/walker.ts';
import { IS_DRAWN, IS_TIMER, IS_WEIGHTED, type TimedStep } from './clocks.ts';
import { type Costs, NEVER, NONE } from './costs.ts';
import type { Delay, Transit } from './transits.ts';

/** A timer is armed: its firing as a message, by the place of its delay. */
export interface Arm {
  readonly slot: number;
  readonly message: number;
  readonly delay: number;
}

export class StepCosts {
  readonly delays: Delay[] = [];
  readonly transits: Transit[] = [];
  readonly #tables: Tables;
  readonly #costs: Costs;
  readonly #walker: Walker;

  constructor(tables: Tables, costs: Costs, walker: Walker) {
    this.#tables = tables;
    this.#costs = costs;
    this.#walker = walker;
  }

  /** The initial state, what it arms, and what starting it does. */
  start(way: number): { readonly state: Int32Array; readonly arms: Arm[]; readonly records: readonly StepRecord[] } {
    const walker = this.#walker;
    walker.begin();
    walker.record = [];
    walker.start(way);
    const records = walker.record;
    walker.record = undefined;
    const arms = this.#tables.actors
      .slice(0, this.#tables.actorCount)
      .flatMap(({ slot }) => this.#arms(slot, this.#tables.initial(slot, way)));
    return { state: walker.current.slice(), arms, records };
  }

  /** What is timed of the step. @param state before it */
  timed(state: Int32Array): Omit<TimedStep, 'starter'> {
    const tables = this.#tables;
    const { kind, message, channelSlot, place } = this.#walker;
    const nothing = { place: 0, trait: 0, draw: NONE, thing: NONE };
    if (kind === LOSE) return { ...nothing, kind, message, place, cost: NEVER, performer: -1, held: message };
    const { to, event, timer } = tables.messages[message]!;
    const channel = tables.channelAt(channelSlot);
    const { name, locals } = tables.actors[to]!;
    const isChoice = kind === START && timer === undefined;
    const cost = this.#costs.costOf(name, event, locals[state[to]!]!, isChoice);
    const { weight, draw } = this.#costs.costs[cost]!;
    return {
      ...nothing,
      kind,
      message,
      // That a message stays is no event of its own, but what becomes of a delivery.
      cost: kind === START || kind === DELIVER ? cost : NEVER,
      performer: to,
      held: channel ? tables.heldAs(channel, message) : -1,
      trait: timer ? IS_TIMER : (weight === NONE ? 0 : IS_WEIGHTED) | (draw === NONE ? 0 : IS_DRAWN),
      ...(draw !== NONE && { draw, thing: this.#costs.thingOf(name, event) }),
    };
  }

  /** The message that leaves a channel by the step, where the channel is timed. */
  left(): { readonly slot: number; readonly message: number } | undefined {
    const { kind, message, channelSlot } = this.#walker;
    const channel = this.#tables.channelAt(channelSlot);
    if (!channel || !this.#costs.links.has(channel.name) || (kind !== DELIVER && kind !== LOSE)) return undefined;
    return { slot: channelSlot, message: this.#tables.heldAs(channel, message) };
  }

  /** Of a message that goes into a channel: where its transit stands; undefined where the channel is not timed. */
  transitOf({ slot, message }: StepRecord): number | undefined {
    const { name } = this.#tables.channelAt(slot)!;
    const link = this.#costs.links.get(name);
    if (!link) return undefined;
    const transit = this.#costs.transitOf(name, this.#tables.messages[message]!.event);
    return this.transits.push({ ...transit, channel: name, stream: link.latencyStream }) - 1;
  }

  /** What an actor arms that takes a message. */
  armsOf({ slot, message, before, after }: StepRecord): Arm[] {
    const { stepper, locals } = this.#tables.actors[slot]!;
    if (locals[after]!.timers.length === 0) return [];
    const { event, timer } = this.#tables.messages[message]!;
    // The tables do not keep which timers a step arms: asked once for each step, that costs nothing.
    const reaction = timer ? stepper.fire(locals[before]!, timer) : stepper.react(locals[before]!, event);
    return this.#arms(slot, reaction!);
  }

  #arms(slot: number, { next, armed }: Reaction): Arm[] {
    const { name } = this.#tables.actors[slot]!;
    return armed.map(({ delay, ...timer }) => {
      if (!Number.isFinite(delay)) {
        throw bad(`actor "${name}" arms the timer ${timer.id} for ${delay} ms, expected a time`, 'give it a delay');
      }
      const at = this.delays.push(this.#costs.delayOf(name, timer.event, next, delay)) - 1;
      return { slot, message: this.#tables.messageOf(slot, timer.event, timer), delay: at };
    });
  }
}
