/**
 * The owner of XState in a stress run: tabulates what actors do, with the names of the population's things as parameters.
 *
 * A local state is kept as a *form* and the things that it names: the form is the state with thing 0, 1, 2 … of the template in
 * their place, in the order in which it names them (a member of a family names itself first). What an actor does with a message is
 * asked of XState once for each form of its state, form of the message, and which of their things are the same; XState sees an
 * ordinary actor of the template. That the names of things matter for nothing else is what `population` declares; it is
 * checked by asking again with other things in their places, at first always and then now and then.
 */
import type { EventObject } from 'xstate';
import { ModelError } from '../system/errors.ts';
import { observesTaken, sentEvent } from '../system/message-types.ts';
import type { MessagePattern } from '../system/property.ts';
import { ignoresUnhandled, type System } from '../system/system.ts';
import { selectsSurely } from '../tabulate/answers.ts';
import { Occurrences, REFUSAL, TAKEN } from '../tabulate/occurrences.ts';
import { dueTimers, type LocalState, type Reaction, type Timer } from '../tabulate/stepper.ts';
import { type ActorTable, Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { Forms } from './forms.ts';
import type { KindDraft } from './layout.ts';
import { PredicateTrees, type WatchedPredicate } from './predicate-trees.ts';
import { RenamingCheck, react } from './renaming-check.ts';
import {
  AT_REST,
  FIRST_LATENCY,
  type Filler,
  HOT,
  IGNORED,
  KNOWN,
  newBuffers,
  OPTION_IS_PRESSURE,
  OPTION_RUNS,
  placesOf,
  REFUSED,
  type SharedBuffers,
  SharedMap,
  SharedPool,
  UNHANDLED,
  VIOLATION,
} from './shared-tables.ts';
import { notLiftable, type Owner, Template } from './template.ts';
import type { Things } from './things.ts';

export interface Latency {
  readonly name: string;
  readonly actors: string;
  readonly states: readonly string[];
}

export interface Watching {
  readonly predicates: readonly WatchedPredicate[];
  readonly counters: readonly { readonly name: string; readonly pattern: MessagePattern }[];
  readonly latencies: readonly Latency[];
  /** Types of choices by which memory is taken back. */
  readonly pressure: readonly string[];
  /** Things of the population of each unit. */
  readonly population: number;
  /** What part of their usual size the tables have, a power of two; 1 when left out. */
  readonly room?: number | undefined;
}

export class LiftedTables implements Filler {
  readonly system: System;
  readonly things: Things;
  readonly buffers: SharedBuffers;
  readonly drafts: readonly KindDraft[];
  /** The initial state: per kind its form. */
  readonly initial: readonly number[];
  readonly #template: Template;
  readonly #forms: Forms;
  readonly #renaming: RenamingCheck;
  readonly #predicates: PredicateTrees;
  readonly #reactions: SharedMap;
  readonly #pool: SharedPool;
  /** Every reaction that was asked for: state, message, places, value. */
  readonly #answers: number[] = [];
  readonly #blocking: ReadonlySet<string>;
  readonly #watching: Watching;
  #misses = 0;

  /**
   * @throws ModelError what `Tables` throws, and `not-liftable` where things of the population are not what they are declared to be
   */
  constructor(system: System, watching: Watching) {
    const template = new Template(system);
    this.system = system;
    this.things = template.things;
    this.#template = template;
    this.#watching = watching;
    this.#blocking = new Set(system.blocking);
    this.drafts = template.drafts(watching.latencies.map(({ actors }) => actors));
    this.buffers = newBuffers(this.drafts.length, watching.room);
    this.#reactions = new SharedMap('reactions', this.buffers.reactions);
    this.#pool = new SharedPool(this.buffers.pool);
    this.#forms = new Forms(template, this.buffers, (id, owner, event) => {
      if (owner.isMonitor) return;
      this.buffers.messageCounters[id] = this.#countersOf(owner, event);
      this.buffers.messageObservers[id] = this.#observersOf(owner, event);
    });
    this.#renaming = new RenamingCheck(template, this.#forms);
    this.#predicates = new PredicateTrees(template, this.#forms, this.buffers, this.#pool, watching.predicates);
    this.initial = this.#start();
  }

  /** How often the tables were asked for something new, and what they hold. */
  get size() {
    return {
      states: this.#forms.states.length - 1,
      messages: this.#forms.messages.length - 1,
      reactions: this.#reactions.count,
      decisions: this.#predicates.count,
      misses: this.#misses,
      xstateCalls: this.#template.owners.reduce(
        (sum, { members }) => sum + members.reduce((calls, stepper) => calls + stepper.calls, 0),
        0,
      ),
    };
  }

  /** Starts the template, and takes apart what every slot holds. */
  #start(): number[] {
    const tables = new Tables(this.system);
    const walker = new Walker(tables);
    walker.start();
    const channel = tables.channels.find(({ slot }) => walker.current[slot] !== 0);
    if (channel) throw notLiftable(`channel "${channel.name}" holds messages at the start`);
    return this.#template.owners.map((owner) => {
      const forms = owner.names.map((name, thing) => {
        const slot = tables.actors.findIndex((actor) => actor.name === name);
        const local = tables.actors[slot]!.locals[walker.current[slot]!]!;
        const filled = this.#forms.formOf(owner, owner.isFamily ? thing : 0, local);
        const own = owner.isFamily ? 1 : 0;
        if (filled.things.length !== own) throw notLiftable(`"${name}" names things of the population at the start`);
        return filled.id;
      });
      if (new Set(forms).size > 1) throw notLiftable(`the members of "${owner.name}" start in different states`);
      return forms[0]!;
    });
  }

  #countersOf(owner: Owner, event: EventObject): number {
    const list = this.#watching.counters.flatMap(({ name: property, pattern }, counter) =>
      owner.names.some((name) => selectsSurely(`property "${property}"`, pattern, name, event)) ? [counter] : [],
    );
    return list.length === 0 ? 0 : this.#pool.add([list.length, ...list]);
  }

  #observersOf(owner: Owner, event: EventObject): number {
    const list = this.#template.owners.flatMap((monitor) => {
      if (!monitor.isMonitor || !observesTaken(monitor.members[0]!.machine, event.type)) return [];
      const observed = { type: event.type, to: owner.names[0]!, message: event } as EventObject;
      const { id, things } = this.#forms.messageOf(monitor.name, observed);
      return [[id, things.length, ...things]];
    });
    return list.length === 0 ? 0 : this.#pool.add([list.length, ...list.flat()]);
  }

  // --- questions ---

  reaction(state: number, message: number, places: number): number {
    const known = this.#reactions.get(state, message, places);
    if (known !== 0) return known;
    this.#misses++;
    const { owner, local, things } = this.#forms.states[state]!;
    const form = this.#forms.messages[message]!;
    const moves = placesOf(places, form.things);
    const count = Math.max(things, ...moves.map((place) => place + 1));
    if (count > this.things.count && this.things.count > 0) {
      throw notLiftable(
        `"${owner.name}" has to do with ${count} things at once, and the template has ${this.things.count}`,
      );
    }
    const event = this.things.rename(form.event, moves);
    const timer = form.timer && local.timers.find(({ id }) => id === form.timer!.id);
    const reaction = react(owner, 0, local, event, timer);
    this.#renaming.check({ owner, local, event, timer, reaction });
    const value = reaction ? this.#effectOf(owner, reaction, count) : this.#without(owner, state, event, things);
    this.#reactions.set(state, message, places, value);
    this.#answers.push(state, message, places, value);
    return value;
  }

  #effectOf(owner: Owner, { next, sends }: Reaction, count: number): number {
    const filled = this.#forms.formOf(owner, 0, next);
    this.#requireKnown(owner, filled.things, count);
    const parts = sends.flatMap(({ to, event }) => [
      ...this.#sightsOf(owner, to, event),
      { channel: this.#template.channelFor(owner, to, event.type), message: this.#forms.messageOf(to, event) },
    ]);
    const effect = [filled.id, filled.things.length, ...filled.things, parts.length];
    for (const { channel, message } of parts) {
      this.#requireKnown(owner, message.things, count);
      effect.push(channel, message.id, message.things.length, ...message.things);
    }
    if (owner.isMonitor && (sends.length > 0 || next.timers.length > 0)) {
      throw new ModelError(
        'unsupported-action',
        `monitor "${owner.name}" sends a message or arms a timer`,
        'a monitor only observes',
      );
    }
    return this.#pool.add(effect);
  }

  /** What monitors take, as who is sent to does without a channel, before a send that they see. */
  #sightsOf(owner: Owner, to: string, event: EventObject) {
    return this.#template.owners.flatMap((monitor) => {
      const sent = monitor.isMonitor && sentEvent(monitor.members[0]!.machine, owner.names[0]!, to, event);
      return sent ? [{ channel: -1, message: this.#forms.messageOf(monitor.name, sent as EventObject) }] : [];
    });
  }

  #requireKnown(owner: Owner, things: readonly number[], count: number): void {
    const stranger = things.find((thing) => thing >= count);
    if (stranger === undefined) return;
    throw notLiftable(
      `"${owner.name}" comes up with ${this.things.nameOf(stranger, 0)}, which neither its state nor the message names`,
    );
  }

  #without(owner: Owner, state: number, event: EventObject, things: number): number {
    if (!owner.isMonitor && this.#blocking.has(event.type)) return REFUSED;
    if (!owner.isMonitor && !ignoresUnhandled(this.system, owner.names[0]!)) return UNHANDLED;
    const reaction = owner.isMonitor ? undefined : owner.members[0]!.pass(this.#forms.states[state]!.local, event);
    if (reaction) return this.#effectOf(owner, reaction, things);
    const kept = Array.from({ length: things }, (_, thing) => thing);
    return this.#pool.add([state, things, ...kept, owner.isMonitor ? 0 : IGNORED]);
  }

  options(state: number): number {
    const known = this.buffers.stateOptions[state]!;
    if (known !== 0) return known;
    this.#misses++;
    const { owner, local, things } = this.#forms.states[state]!;
    const name = owner.names[0]!;
    const stepper = owner.members[0]!;
    const { choices } = this.system.actors[name]!;
    const isExhausted = things === this.things.count && things < this.#watching.population;
    if (isExhausted && choices.some((choice) => this.things.namedIn(choice).length > 0)) {
      throw notLiftable(
        `"${owner.name}" names all ${things} things of the template in one state, and could choose more`,
      );
    }
    const options = new Map<string, number[]>();
    const add = (event: EventObject, timer?: Timer) => {
      // Of the things that the state does not name, one is as good as another.
      const named = this.things.namedIn(event, owner.isFamily ? [0] : []);
      const fresh = named.filter((thing) => thing >= things);
      const moves: number[] = [];
      for (let thing = 0; thing < things; thing++) moves[thing] = thing;
      fresh.forEach((thing, at) => {
        moves[thing] = things + at;
      });
      if (fresh.some((_, at) => things + at >= this.things.count)) return;
      const message = this.#forms.messageOf(name, this.things.rename(event, moves), timer);
      const isPressure = !timer && this.#watching.pressure.includes(event.type);
      const flags = (timer || event.type === 'RUN' ? OPTION_RUNS : 0) | (isPressure ? OPTION_IS_PRESSURE : 0);
      const option = [message.id, flags, fresh.length, message.things.length, ...message.things];
      options.set(option.join(), option);
    };
    for (const choice of choices) if (stepper.chooses(local, choice)) add(choice);
    for (const timer of dueTimers(local)) add(timer.event, timer);
    const lists = [...options.values()];
    const offsets: number[] = [];
    let next = 1 + lists.length;
    for (const list of lists) {
      offsets.push(next);
      next += list.length;
    }
    const start = this.#pool.add([lists.length, ...offsets, ...lists.flat()]);
    Atomics.store(this.buffers.stateOptions, state, start);
    return start;
  }

  flags(state: number): number {
    const { owner, local } = this.#forms.states[state]!;
    const { snapshot } = local;
    let flags = KNOWN;
    if (owner.isMonitor) {
      if (snapshot.hasTag('violation')) flags |= VIOLATION;
      if (snapshot.hasTag('hot')) flags |= HOT;
    } else {
      if (this.#template.isAtRest(owner, snapshot)) flags |= AT_REST;
      this.#watching.latencies.forEach(({ actors, states }, at) => {
        const isMeasured = owner.name.startsWith(actors) && states.some((value) => snapshot.matches(value as never));
        if (isMeasured) flags |= FIRST_LATENCY << at;
      });
    }
    this.buffers.stateFlags[state] = flags;
    return flags;
  }

  decision(predicate: number, path: readonly number[]): number {
    this.#misses++;
    return this.#predicates.grow(predicate, path);
  }

  /** Sampled predicates that turned out to be about all things of the population. */
  get unwatched(): ReadonlySet<string> {
    return this.#predicates.unwatched;
  }

  // --- names ---

  /** What a message in a log is, with the numbers of its things in names. */
  describe(message: number, things: readonly number[]): { to: string; event: EventObject; timer?: string } {
    const { owner, event, timer } = this.#forms.messages[message]!;
    const rename = <T>(data: T) => this.things.rename(data, things, this.things.nameAnywhere);
    return { to: rename(owner.names[0]!), event: rename(event), ...(timer && { timer: timer.id }) };
  }

  /**
   * What a slot holds, with the numbers of its things in names.
   *
   * @param start the context that the actor has when it starts in a system with as many things: a dictionary over all of them is larger there
   */
  stateOf(state: number, things: readonly number[], start: Readonly<Record<string, unknown>>) {
    const { owner, local } = this.#forms.states[state]!;
    const rename = <T>(data: T) => this.things.rename(data, things, this.things.nameAnywhere);
    const changed = new Set(this.#forms.changedFields(owner, 0, local).map(([field]) => field));
    const context = Object.entries(local.snapshot.context as Record<string, unknown>).map(([field, value]) => {
      const isInput = !changed.has(field) && this.things.namedIn(value).length > 0;
      return [field, isInput ? start[field] : rename(value)];
    });
    const timers = local.timers.map(({ id }) => id);
    return {
      value: local.snapshot.value,
      context: Object.fromEntries(context) as Record<string, unknown>,
      ...(timers.length > 0 && { timers }),
    };
  }

  /** The name of a kind's only actor, or of a member of a family. */
  actorName(kind: number, thing: number): string {
    const { names, isFamily } = this.#template.owners[kind]!;
    return isFamily ? this.things.rename(names[0]!, [thing], this.things.nameAnywhere) : names[0]!;
  }

  /**
   * What has happened, as entries of tables of the template: for the actors themselves, and of families for the member of thing 0.
   */
  occurred(): { readonly tables: Tables; readonly occurrences: Occurrences } {
    const tables = new Tables(this.system);
    const occurrences = new Occurrences(tables);
    const actorOf = ({ names }: Owner) => tables.actors.find(({ name }) => name === names[0])!;
    const localIn = (actor: ActorTable, { snapshot, timers }: LocalState) =>
      actor.intern(actor.stepper.stateOf(snapshot, snapshot.context, timers));
    for (let at = 0; at < this.#answers.length; at += 4) {
      const [state, message, places, value] = this.#answers.slice(at, at + 4) as [number, number, number, number];
      if (value !== REFUSED && (value < 0 || this.buffers.happened[value] === 0)) continue;
      const { owner, local } = this.#forms.states[state]!;
      const { event, timer, things } = this.#forms.messages[message]!;
      const moves = placesOf(places, things);
      const actor = actorOf(owner);
      const taken = tables.messageOf(actor.slot, this.things.rename(event, moves), timer);
      occurrences.add(actor.slot, localIn(actor, local), taken, value === REFUSED ? REFUSAL : TAKEN);
    }
    this.#forms.states.forEach(({ owner, local }, state) => {
      if (state === 0 || this.buffers.stateOptions[state] === 0) return;
      const actor = actorOf(owner);
      occurrences.ask(actor.slot, localIn(actor, local));
    });
    return { tables, occurrences };
  }

  /** The member of thing 0 of a family; any other name is its own. */
  memberOf(name: string): string {
    return this.#template.owners.find((owner) => owner.name === name)?.names[0] ?? name;
  }

  nameOf(kind: number): string {
    return this.drafts[kind]!.name;
  }
}
