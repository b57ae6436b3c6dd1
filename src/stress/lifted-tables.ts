/**
 * The owner of XState in a stress run: tabulates what actors do, with the names of the population's things as parameters.
 *
 * A local state is kept as a *form* and the things that it names: the form is the state with thing 0, 1, 2 … of the template in
 * their place, in the order in which it names them (a member of a family names itself first). What an actor does with a message is
 * asked of XState once for each form of its state, form of the message, and which of their things are the same; XState sees an
 * ordinary actor of the template. That the names of things matter for nothing else is what `population` declares; it is
 * checked by asking again with other things in their places, at first always and then now and then.
 */
import type { AnyMachineSnapshot, AnyStateNode, EventObject } from 'xstate';
import { ModelError } from '../system/errors.ts';
import type { Envelope, MessagePattern, SystemView } from '../system/property.ts';
import type { System } from '../system/system.ts';
import { Occurrences, REFUSAL, TAKEN } from '../tabulate/occurrences.ts';
import { canonicalKey } from '../tabulate/plain.ts';
import { inertAddresses, type LocalState, type Reaction, Stepper, type Timer } from '../tabulate/stepper.ts';
import { type ActorTable, Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { PLACES_PER_KEY, placesIn, ROOT } from './decisions.ts';
import { ACTOR_THINGS, type KindDraft, MEMBER_THINGS, MESSAGE_THINGS } from './layout.ts';
import {
  AT_REST,
  FIRST_LATENCY,
  type Filler,
  HOT,
  KNOWN,
  newBuffers,
  OPTION_IS_PRESSURE,
  OPTION_RUNS,
  REFUSED,
  type SharedBuffers,
  SharedMap,
  SharedPool,
  UNHANDLED,
  UNWATCHED,
  VIOLATION,
} from './shared-tables.ts';
import { Things } from './things.ts';

/** An actor of the template, or a family of them: what they do is asked of the member of thing 0. */
interface Owner {
  readonly kind: number;
  readonly name: string;
  readonly isFamily: boolean;
  readonly isMonitor: boolean;
  /** By thing, for a family; else one. */
  readonly members: readonly Stepper[];
  readonly names: readonly string[];
  readonly initial: readonly LocalState[];
}

interface Form {
  readonly owner: Owner;
  /** Of the member of thing 0. */
  readonly local: LocalState;
  /** It names things 0 to `things - 1`. */
  readonly things: number;
}

interface MessageForm {
  readonly owner: Owner;
  readonly event: EventObject;
  readonly timer: Timer | undefined;
  readonly things: number;
}

/** A form and the things that it is filled with. */
interface Filled {
  readonly id: number;
  readonly things: readonly number[];
}

/** A predicate or gauge to watch; of a family, that of thing 0. */
export interface WatchedPredicate {
  readonly name: string;
  readonly isFamily: boolean;
  readonly isAlways: boolean;
  /** Its place among the system's properties; of a gauge -1. */
  readonly rank: number;
  /** A whole number; of a predicate 1 when it is true. */
  value(view: SystemView): number;
}

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
}

/**
 * A step of a kind is asked with other things in their places so often at first, and then every so often; the first time with each
 * thing in each place.
 */
const RENAMED_AT_FIRST = 4;
const RENAMED_EVERY = 16;

export class LiftedTables implements Filler {
  readonly system: System;
  readonly things: Things;
  readonly buffers: SharedBuffers;
  readonly drafts: readonly KindDraft[];
  /** The initial state: per kind its form. */
  readonly initial: readonly number[];
  /** Sampled predicates that turned out to be about all things of the population. */
  readonly unwatched = new Set<string>();
  readonly #owners: Owner[] = [];
  readonly #ownerOf = new Map<string, { readonly owner: Owner; readonly thing: number }>();
  readonly #channels: readonly (readonly [string, Required<System['channels'][string]>])[];
  readonly #reactions: SharedMap;
  readonly #decisions: SharedMap;
  readonly #pool: SharedPool;
  readonly #forms: Form[] = [];
  readonly #formIds = new Map<string, number>();
  readonly #messages: MessageForm[] = [];
  readonly #messageIds = new Map<string, number>();
  /** Every reaction that was asked for: state, message, value. */
  readonly #answers: number[] = [];
  readonly #blocking: ReadonlySet<string>;
  readonly #watching: Watching;
  readonly #images = new Map<string, LocalState>();
  readonly #asked = new Map<string, number>();
  #turn = 0;
  #misses = 0;

  /**
   * @throws ModelError what `Tables` throws, and `not-liftable` where things of the population are not what they are declared to be
   */
  constructor(system: System, watching: Watching) {
    this.system = system;
    this.things = new Things(system.population);
    this.#watching = watching;
    this.#blocking = new Set(system.blocking);
    this.#channels = Object.entries(system.channels);
    this.#findOwners();
    this.drafts = [...this.#owners.map((owner) => this.#draftOf(owner)), ...this.#channels.map(draftOfChannel)];
    this.buffers = newBuffers(this.drafts.length);
    this.#reactions = new SharedMap('reactions', this.buffers.reactions);
    this.#decisions = new SharedMap('values of predicates', this.buffers.decisions);
    this.#pool = new SharedPool(this.buffers.pool);
    this.#intern(0, '', { owner: this.#owners[0]!, local: this.#owners[0]!.initial[0]!, things: 0 });
    this.#messages.push({ owner: this.#owners[0]!, event: { type: '' }, timer: undefined, things: 0 });
    this.initial = this.#start();
  }

  /** How often the tables were asked for something new, and what they hold. */
  get size() {
    return {
      states: this.#forms.length - 1,
      messages: this.#messages.length - 1,
      reactions: this.#reactions.count,
      decisions: this.#decisions.count,
      misses: this.#misses,
      xstateCalls: this.#owners.reduce(
        (sum, { members }) => sum + members.reduce((calls, stepper) => calls + stepper.calls, 0),
        0,
      ),
    };
  }

  // --- what there is ---

  #findOwners(): void {
    const { system, things } = this;
    const names = Object.keys(system.actors);
    const addresses = inertAddresses(names);
    const families = new Map<string, { names: string[]; members: Stepper[] }>();
    const singles: { name: string; stepper: Stepper; isMonitor: boolean }[] = [];
    const inOrder: string[] = [];
    for (const name of names) {
      const { machine, input } = system.actors[name]!;
      const stepper = new Stepper(name, machine, input, addresses);
      const place = things.familyOf(name);
      if (!place) {
        if (things.namedIn(name).length > 0) throw notLiftable(`the name of actor "${name}" is of several things`);
        singles.push({ name, stepper, isMonitor: false });
        inOrder.push(name);
        continue;
      }
      const family = families.get(place.family) ?? { names: [], members: [] };
      if (!families.has(place.family)) inOrder.push(place.family);
      families.set(place.family, family);
      family.names[place.thing] = name;
      family.members[place.thing] = stepper;
    }
    for (const property of system.properties) {
      if (property.kind !== 'monitor') continue;
      const stepper = new Stepper(property.name, property.machine, property.input, addresses);
      singles.push({ name: property.name, stepper, isMonitor: true });
      inOrder.push(property.name);
    }
    for (const name of inOrder) {
      const family = families.get(name);
      const single = singles.find((candidate) => candidate.name === name);
      const members = family?.members ?? [single!.stepper];
      for (let thing = 0; family && thing < things.count; thing++) {
        if (!family.members[thing]) throw notLiftable(`the population has ${things.count} things, and "${name}" fewer`);
      }
      const owner: Owner = {
        kind: this.#owners.length,
        name,
        isFamily: family !== undefined,
        isMonitor: single?.isMonitor ?? false,
        members,
        names: family?.names ?? [name],
        initial: members.map((stepper) => stepper.initial().next),
      };
      this.#owners.push(owner);
      owner.names.forEach((member, thing) => {
        this.#ownerOf.set(member, { owner, thing });
      });
      this.#requireUniform(owner);
    }
    for (const [name, { from, to }] of this.#channels) {
      const ends = [from, to].map((actors) => Object.fromEntries(actors.map((actor) => [actor, true])));
      if (things.isInvariant(ends)) continue;
      throw notLiftable(`channel "${name}" is there for some of its things and not for others`);
    }
  }

  /** The members of a family start alike, and the input of others means the same for all things. */
  #requireUniform(owner: Owner): void {
    const keyOf = (local: LocalState, moves: readonly number[]) =>
      canonicalKey(this.things.rename(local.snapshot.context, moves), `context of "${owner.name}"`);
    for (const moves of this.things.exchanges()) {
      owner.initial.forEach((local, thing) => {
        const other = owner.isFamily ? moves[thing]! : thing;
        const image = owner.initial[other]!;
        if (keyOf(local, moves) === canonicalKey(image.snapshot.context, `context of "${owner.name}"`)) return;
        throw notLiftable(
          owner.isFamily
            ? `"${owner.names[thing]}" and "${owner.names[other]}" start from different contexts`
            : `the context of "${owner.name}" at its start treats things of the population differently`,
        );
      });
    }
    if (!owner.isMonitor) this.#requireSameChoices(owner);
  }

  #requireSameChoices({ names, isFamily }: Owner): void {
    const keyOf = (thing: number, moves: readonly number[] = []) => {
      const { choices } = this.system.actors[names[thing]!]!;
      return choices
        .map((choice) => canonicalKey(this.things.rename(choice, moves), 'choice'))
        .sort()
        .join();
    };
    for (const moves of this.things.exchanges()) {
      names.forEach((name, thing) => {
        if (keyOf(thing, moves) === keyOf(isFamily ? moves[thing]! : thing)) return;
        throw notLiftable(`"${name}" may choose for one thing what it may not choose for another, or others may`);
      });
    }
  }

  #draftOf(owner: Owner): KindDraft {
    const sort = owner.isMonitor ? 'monitor' : owner.isFamily ? 'family' : 'actor';
    const choices = owner.isMonitor ? [] : this.system.actors[owner.names[0]!]!.choices;
    // Whether a machine arms timers is known only when it does, so only monitors are ruled out.
    const mayTime = !owner.isMonitor && mayArmTimers(owner.members[0]!);
    const rank = this.system.properties.findIndex(({ name }) => name === owner.name);
    const isMeasured = !owner.isMonitor && this.#watching.latencies.some(({ actors }) => owner.name.startsWith(actors));
    return { ...NO_CHANNEL, isMeasured, rank, name: owner.name, sort, starts: choices.length > 0 || mayTime };
  }

  // --- the start ---

  /** Starts the template, and takes apart what every slot holds. */
  #start(): number[] {
    const tables = new Tables(this.system);
    const walker = new Walker(tables);
    walker.start();
    const channel = tables.channels.find(({ slot }) => walker.current[slot] !== 0);
    if (channel) throw notLiftable(`channel "${channel.name}" holds messages at the start`);
    return this.#owners.map((owner) => {
      const forms = owner.names.map((name, thing) => {
        const slot = tables.actors.findIndex((actor) => actor.name === name);
        const local = tables.actors[slot]!.locals[walker.current[slot]!]!;
        const filled = this.#formOf(owner, owner.isFamily ? thing : 0, local);
        const own = owner.isFamily ? 1 : 0;
        if (filled.things.length !== own) throw notLiftable(`"${name}" names things of the population at the start`);
        return filled.id;
      });
      if (new Set(forms).size > 1) throw notLiftable(`the members of "${owner.name}" start in different states`);
      return forms[0]!;
    });
  }

  // --- forms ---

  /** Takes a local state of a member apart. */
  #formOf(owner: Owner, thing: number, local: LocalState): Filled {
    const things = owner.isFamily ? [thing] : [];
    this.#changedFields(owner, thing, local).forEach(([, value]) => {
      this.things.namedIn(value, things);
    });
    for (const timer of local.timers) this.things.namedIn([timer.id, timer.event], things);
    const image = this.#image(owner, thing, local, inverse(things));
    const key = `${owner.kind} ${image.key}`;
    const known = this.#formIds.get(key);
    if (known !== undefined) return { id: known, things };
    const id = this.#intern(this.#forms.length, key, { owner, local: image, things: things.length });
    return { id, things };
  }

  #intern(id: number, key: string, form: Form): number {
    this.#formIds.set(key, id);
    this.#forms.push(form);
    if (id >= this.buffers.stateThings.length) throw notLiftable('a stress run has too many different local states');
    const limit = form.owner.isFamily ? MEMBER_THINGS : ACTOR_THINGS;
    if (form.things > limit) {
      throw notLiftable(
        `"${form.owner.name}" names ${form.things} things of the population in one state, more than ${limit}: ${form.local.key.slice(0, 200)}`,
      );
    }
    this.buffers.stateThings[id] = form.things;
    return id;
  }

  /** The fields of a context that are not as the input made them. */
  #changedFields(owner: Owner, thing: number, local: LocalState): (readonly [string, unknown])[] {
    const start = owner.initial[thing]!.snapshot.context as Record<string, unknown>;
    // The same value may be another object, where the context is built anew.
    const isSame = (one: unknown, other: unknown) =>
      one === other || (typeof one === 'object' && canonicalKey(one, 'context') === canonicalKey(other, 'context'));
    return Object.entries(local.snapshot.context as Record<string, unknown>).filter(
      ([field, value]) => !(field in start) || !isSame(value, start[field]),
    );
  }

  /** What a member's local state is for another member when things change places. */
  #image(owner: Owner, thing: number, local: LocalState, moves: readonly number[]): LocalState {
    const to = owner.isFamily ? moves[thing]! : 0;
    if (to === thing && moves.every((other, one) => other === one)) return local;
    const start = owner.initial[to]!.snapshot.context as Record<string, unknown>;
    const context: Record<string, unknown> = {};
    const changed = new Map(this.#changedFields(owner, thing, local));
    for (const field of Object.keys(local.snapshot.context as object)) {
      context[field] = changed.has(field) ? this.things.rename(changed.get(field), moves) : start[field];
    }
    const timers = local.timers.map(({ id, event }) => ({ id, event: this.things.rename(event, moves) }));
    return owner.members[to]!.stateOf(local.snapshot, context, timers);
  }

  /** The number of a message to an actor of the template, and its things: the receiver's first. */
  #messageOf(to: string, event: EventObject, timer?: Timer): Filled {
    const { owner, thing } = this.#ownerOf.get(to)!;
    const things = this.things.namedIn(event, owner.isFamily ? [thing] : []);
    const moves = inverse(things);
    const form = this.things.rename(event, moves);
    const key = `${owner.kind} ${timer ? `timer ${timer.id} ` : ''}${canonicalKey(form, `message ${event.type}`)}`;
    let id = this.#messageIds.get(key);
    if (id === undefined) {
      if (things.length > MESSAGE_THINGS) {
        throw notLiftable(`a message ${event.type} names ${things.length} things, more than ${MESSAGE_THINGS}`);
      }
      id = this.#messages.length;
      this.#messageIds.set(key, id);
      this.#messages.push({ owner, event: form, timer, things: things.length });
      this.buffers.messageKind[id] = owner.kind;
      this.buffers.messageThings[id] = things.length;
      if (!owner.isMonitor) {
        this.buffers.messageCounters[id] = this.#countersOf(owner, form);
        this.buffers.messageObservers[id] = this.#observersOf(owner, form);
      }
    }
    return { id, things };
  }

  #countersOf(owner: Owner, event: EventObject): number {
    const to = owner.names[0]!;
    const list = this.#watching.counters.flatMap(({ pattern }, counter) => {
      if (pattern.type !== event.type) return [];
      if (pattern.to !== undefined && pattern.to !== to && !owner.names.includes(pattern.to)) return [];
      return pattern.where && !pattern.where(event) ? [] : [counter];
    });
    return list.length === 0 ? 0 : this.#pool.add([list.length, ...list]);
  }

  #observersOf(owner: Owner, event: EventObject): number {
    const list = this.#owners.flatMap((monitor) => {
      if (!monitor.isMonitor || !mentions(monitor.members[0]!, event.type)) return [];
      const observed = { type: event.type, to: owner.names[0]!, message: event } as EventObject;
      const { id, things } = this.#messageOf(monitor.name, observed);
      return [[id, things.length, ...things]];
    });
    return list.length === 0 ? 0 : this.#pool.add([list.length, ...list.flat()]);
  }

  // --- questions ---

  reaction(state: number, message: number, places: number): number {
    const known = this.#reactions.get(state, message, places);
    if (known !== 0) return known;
    this.#misses++;
    const { owner, local, things } = this.#forms[state]!;
    const form = this.#messages[message]!;
    const moves = Array.from({ length: form.things }, (_, at) => (places >> (at * 5)) & 31);
    const count = Math.max(things, ...moves.map((place) => place + 1));
    if (count > this.things.count && this.things.count > 0) {
      throw notLiftable(
        `"${owner.name}" has to do with ${count} things at once, and the template has ${this.things.count}`,
      );
    }
    const event = this.things.rename(form.event, moves);
    const react = (member: number, from: LocalState, what: EventObject, timer: Timer | undefined) => {
      const stepper = owner.members[member]!;
      return timer ? stepper.fire(from, timer) : stepper.react(from, what);
    };
    const timer = form.timer && local.timers.find(({ id }) => id === form.timer!.id);
    const reaction = react(0, local, event, timer);
    this.#checkRenaming(owner, local, event, timer, reaction, react);
    const value = reaction ? this.#effectOf(owner, reaction, count) : this.#without(owner, state, event, things);
    this.#reactions.set(state, message, places, value);
    this.#answers.push(state, message, places, value);
    return value;
  }

  /** Asks the same of other things: what comes out must be the same, with these in their places. */
  #checkRenaming(
    owner: Owner,
    local: LocalState,
    event: EventObject,
    timer: Timer | undefined,
    reaction: Reaction | undefined,
    react: (member: number, from: LocalState, what: EventObject, timer: Timer | undefined) => Reaction | undefined,
  ): void {
    if (this.things.count < 2) return;
    const kind = `${owner.kind} ${event.type} ${JSON.stringify(local.snapshot.value)}`;
    const times = this.#asked.get(kind) ?? 0;
    this.#asked.set(kind, times + 1);
    if (times >= RENAMED_AT_FIRST && times % RENAMED_EVERY !== 0) return;
    const renamings = times === 0 ? this.things.rotations() : [this.#shuffled()];
    for (const moves of renamings) this.#checkRenamed(moves, owner, local, event, timer, reaction, react);
  }

  #checkRenamed(
    moves: readonly number[],
    owner: Owner,
    local: LocalState,
    event: EventObject,
    timer: Timer | undefined,
    reaction: Reaction | undefined,
    react: (member: number, from: LocalState, what: EventObject, timer: Timer | undefined) => Reaction | undefined,
  ): void {
    const image = this.#image(owner, 0, local, moves);
    const member = owner.isFamily ? moves[0]! : 0;
    const imageTimer = timer && { id: timer.id, event: this.things.rename(timer.event, moves) };
    const other = react(member, image, this.things.rename(event, moves), imageTimer);
    const expected = reaction && {
      next: this.#image(owner, 0, reaction.next, moves).key,
      sends: reaction.sends.map((sent) => canonicalKey(this.things.rename(sent, moves), 'message')),
    };
    const got = other && {
      next: other.next.key,
      sends: other.sends.map((sent) => canonicalKey(sent, 'message')),
    };
    if (JSON.stringify(expected) === JSON.stringify(got)) return;
    throw notLiftable(
      `"${owner.name}" does not do the same for all things of the population when it takes ${event.type}`,
    );
  }

  /** Another order of the things at each call. */
  #shuffled(): number[] {
    const { count } = this.things;
    const moves = Array.from({ length: count }, (_, thing) => thing);
    this.#turn++;
    for (let at = count - 1; at > 0; at--) {
      const other = (this.#turn * 7 + at * 13) % (at + 1);
      [moves[at], moves[other]] = [moves[other]!, moves[at]!];
    }
    return moves;
  }

  #effectOf(owner: Owner, { next, sends }: Reaction, count: number): number {
    const filled = this.#formOf(owner, 0, next);
    this.#requireKnown(owner, filled.things, count);
    const effect = [filled.id, filled.things.length, ...filled.things, sends.length];
    for (const { to, event } of sends) {
      const message = this.#messageOf(to, event);
      this.#requireKnown(owner, message.things, count);
      effect.push(this.#channelFor(owner, to, event.type), message.id, message.things.length, ...message.things);
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

  #requireKnown(owner: Owner, things: readonly number[], count: number): void {
    const stranger = things.find((thing) => thing >= count);
    if (stranger === undefined) return;
    throw notLiftable(
      `"${owner.name}" comes up with ${this.things.nameOf(stranger, 0)}, which neither its state nor the message names`,
    );
  }

  #without(owner: Owner, state: number, event: EventObject, things: number): number {
    if (!owner.isMonitor) return this.#blocking.has(event.type) ? REFUSED : UNHANDLED;
    return this.#pool.add([state, things, ...Array.from({ length: things }, (_, thing) => thing), 0]);
  }

  /** The kind of the channel that takes a message, or -1. */
  #channelFor(owner: Owner, to: string, type: string): number {
    const from = owner.names[0]!;
    const at = this.#channels.findIndex(
      ([, channel]) =>
        channel.from.includes(from) &&
        channel.to.includes(to) &&
        (channel.types.length === 0 || channel.types.includes(type)),
    );
    return at < 0 ? -1 : this.#owners.length + at;
  }

  options(state: number): number {
    const known = this.buffers.stateOptions[state]!;
    if (known !== 0) return known;
    this.#misses++;
    const { owner, local, things } = this.#forms[state]!;
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
      const message = this.#messageOf(name, this.things.rename(event, moves), timer);
      const isPressure = !timer && this.#watching.pressure.includes(event.type);
      const flags = (timer || event.type === 'RUN' ? OPTION_RUNS : 0) | (isPressure ? OPTION_IS_PRESSURE : 0);
      const option = [message.id, flags, fresh.length, message.things.length, ...message.things];
      options.set(option.join(), option);
    };
    for (const choice of choices) if (stepper.chooses(local, choice)) add(choice);
    for (const timer of local.timers) add(timer.event, timer);
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
    const { owner, local } = this.#forms[state]!;
    const { snapshot } = local;
    let flags = KNOWN;
    if (owner.isMonitor) {
      if (snapshot.hasTag('violation')) flags |= VIOLATION;
      if (snapshot.hasTag('hot')) flags |= HOT;
    } else {
      if (this.#isAtRest(owner, snapshot)) flags |= AT_REST;
      this.#watching.latencies.forEach(({ actors, states }, at) => {
        const isMeasured = owner.name.startsWith(actors) && states.some((value) => snapshot.matches(value as never));
        if (isMeasured) flags |= FIRST_LATENCY << at;
      });
    }
    this.buffers.stateFlags[state] = flags;
    return flags;
  }

  #isAtRest(owner: Owner, snapshot: AnyMachineSnapshot): boolean {
    const { rest, choices } = this.system.actors[owner.names[0]!]!;
    if (snapshot.status === 'done') return true;
    if (rest === undefined) return choices.length === 0;
    return typeof rest === 'function' ? rest(snapshot) : rest.some((value) => snapshot.matches(value as never));
  }

  // --- predicates ---

  /** What a predicate says, or what it reads next, after it has read `path`: see `decisions.ts`. */
  decision(predicate: number, path: readonly number[]): number {
    this.#misses++;
    const watched = this.#watching.predicates[predicate]!;
    const { read, node, key } = this.#readSlots(predicate, path);
    let value: number;
    try {
      value = 1 + 2 * watched.value(this.#viewOf(read, watched));
    } catch (error) {
      if (error instanceof ReadsNext) {
        const { kind, thing } = error;
        value = 2 * this.#pool.add([kind, thing]);
        const isOwn = watched.isFamily && this.#owners[kind]?.isFamily === true && thing === 0;
        if (watched.isAlways) Atomics.or(this.buffers.predicatesOf, kind, 1 << predicate);
        if (watched.isAlways && !isOwn) Atomics.or(this.buffers.predicatesElsewhere, kind, 1 << predicate);
      } else {
        // What is only sampled may be about all things; nothing is wrong with that but that it cannot be seen here.
        if (watched.isAlways || !(error instanceof ModelError) || error.code !== 'not-liftable') throw error;
        this.unwatched.add(watched.name);
        value = 1 + 2 * UNWATCHED;
      }
    }
    const known = this.#decisions.get(node, ...key);
    if (known !== 0) return known;
    this.#decisions.set(node, ...key, value);
    return value;
  }

  /**
   * What was read on a path from the root of a predicate's tree, by names; the tree grows to the last but one of its nodes.
   *
   * @returns `node` and `key`: where the path ends, the rest of its entry in the table
   */
  #readSlots(predicate: number, path: readonly number[]): { read: ReadSlots; node: number; key: [number, number] } {
    const own = this.#watching.predicates[predicate]!.isFamily ? 1 : 0;
    const read: ReadSlots = { locals: new Map(), channels: new Map(), things: own };
    let node = ROOT;
    let key: [number, number] = [predicate, 0];
    let at = 0;
    const pass = () => {
      let next = this.#decisions.get(node, ...key);
      if (next === 0) {
        // In the middle of a slot: nothing is read there.
        next = 2 * this.#pool.add([0, 0]);
        this.#decisions.set(node, ...key, next);
      }
      node = next;
      key = [path[at++]!, path[at++]!];
      return key[0];
    };
    const places = (count: number): number[] => {
      const found = placesIn(key[1], Math.min(count, PLACES_PER_KEY));
      while (found.length < count) {
        pass();
        found.push(...placesIn(key[1], Math.min(count - found.length, PLACES_PER_KEY)));
      }
      read.things = Math.max(read.things, ...found.map((place) => place + 1));
      return found;
    };
    while (at < path.length) {
      const second = pass();
      const [kind, thing] = [this.#pool.words[node >> 1]!, this.#pool.words[(node >> 1) + 1]!];
      if (kind < this.#owners.length) {
        const { owner, local, things } = this.#forms[second]!;
        const name = owner.names[owner.isFamily ? thing : 0]!;
        read.locals.set(name, this.#imageOf(second, owner, local, places(things)));
        continue;
      }
      const content: Envelope[] = [];
      for (let message = 0; message < second; message++) {
        const { owner, event, things } = this.#messages[pass()]!;
        const moves = places(things);
        content.push({ to: owner.names[owner.isFamily ? moves[0]! : 0]!, event: this.things.rename(event, moves) });
      }
      read.channels.set(this.#channels[kind - this.#owners.length]![0], content);
    }
    return { read, node, key };
  }

  #imageOf(id: number, owner: Owner, local: LocalState, moves: readonly number[]): LocalState {
    const key = `${id} ${moves.join()}`;
    let image = this.#images.get(key);
    if (!image) {
      image = this.#image(owner, 0, local, moves);
      if (this.#images.size > 50_000) this.#images.clear();
      this.#images.set(key, image);
    }
    return image;
  }

  #viewOf(read: ReadSlots, { name: property }: WatchedPredicate): SystemView {
    return {
      get: (name: string) => {
        const local = read.locals.get(name);
        if (local) return local.snapshot;
        const place = this.#ownerOf.get(name);
        if (!place) throw new ModelError('unknown-actor', `a property reads the actor "${name}", which does not exist`);
        if (place.owner.isFamily && place.thing >= read.things) {
          throw notLiftable(
            `"${property}" looks at ${name}, whatever the state: it is about all things of the population`,
          );
        }
        throw new ReadsNext(place.owner.kind, place.owner.isFamily ? place.thing : 0);
      },
      channel: (name: string) => {
        const content = read.channels.get(name);
        if (content) return content;
        const at = this.#channels.findIndex(([channel]) => channel === name);
        if (at < 0)
          throw new ModelError('unknown-actor', `a property reads the channel "${name}", which does not exist`);
        throw new ReadsNext(this.#owners.length + at, 0);
      },
    };
  }

  // --- names ---

  /** What a message in a log is, with the numbers of its things in names. */
  describe(message: number, things: readonly number[]): { to: string; event: EventObject; timer?: string } {
    const { owner, event, timer } = this.#messages[message]!;
    const rename = <T>(data: T) => this.things.rename(data, things, this.things.nameAnywhere);
    return { to: rename(owner.names[0]!), event: rename(event), ...(timer && { timer: timer.id }) };
  }

  /**
   * What a slot holds, with the numbers of its things in names.
   *
   * @param start the context that the actor has when it starts in a system with as many things: a dictionary over all of them is larger there
   */
  stateOf(state: number, things: readonly number[], start: Readonly<Record<string, unknown>>) {
    const { owner, local } = this.#forms[state]!;
    const rename = <T>(data: T) => this.things.rename(data, things, this.things.nameAnywhere);
    const changed = new Set(this.#changedFields(owner, 0, local).map(([field]) => field));
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
    const { names, isFamily } = this.#owners[kind]!;
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
      const { owner, local } = this.#forms[state]!;
      const { event, timer, things } = this.#messages[message]!;
      const moves = Array.from({ length: things }, (_, place) => (places >> (place * 5)) & 31);
      const actor = actorOf(owner);
      const taken = tables.messageOf(actor.slot, this.things.rename(event, moves), timer);
      occurrences.add(actor.slot, localIn(actor, local), taken, value === REFUSED ? REFUSAL : TAKEN);
    }
    this.#forms.forEach(({ owner, local }, state) => {
      if (state === 0 || this.buffers.stateOptions[state] === 0) return;
      const actor = actorOf(owner);
      occurrences.ask(actor.slot, localIn(actor, local));
    });
    return { tables, occurrences };
  }

  /** The member of thing 0 of a family; any other name is its own. */
  memberOf(name: string): string {
    return this.#owners.find((owner) => owner.name === name)?.names[0] ?? name;
  }

  nameOf(kind: number): string {
    return this.drafts[kind]!.name;
  }
}

interface ReadSlots {
  readonly locals: Map<string, LocalState>;
  readonly channels: Map<string, Envelope[]>;
  /** So many things are known to the predicate. */
  things: number;
}

class ReadsNext {
  readonly kind: number;
  readonly thing: number;

  constructor(kind: number, thing: number) {
    this.kind = kind;
    this.thing = thing;
  }
}

const NO_CHANNEL = {
  isMeasured: false,
  rank: -1,
  capacity: 0,
  isFifo: false,
  dropsWhenFull: false,
  isLossy: false,
  isDuplicating: false,
};
/** A channel without a bound has room for so many messages here. */
const UNBOUNDED = 64;

function draftOfChannel([name, channel]: readonly [string, System['channels'][string]]): KindDraft {
  const { capacity, order, whenFull, lossy, duplicating } = channel as Required<System['channels'][string]>;
  return {
    ...NO_CHANNEL,
    name,
    sort: 'channel',
    starts: true,
    capacity: Math.min(capacity, UNBOUNDED),
    isFifo: order === 'fifo',
    dropsWhenFull: whenFull === 'drop',
    isLossy: lossy,
    isDuplicating: duplicating,
  };
}

/** Whether any action of a machine raises an event with a delay, as XState makes `after` of it, or may do so. */
function mayArmTimers({ machine }: Stepper): boolean {
  const inline = ({ entry, exit, transitions, always = [], states }: AnyStateNode): unknown[] => [
    ...entry,
    ...exit,
    ...[...transitions.values(), always].flat().flatMap(({ actions }) => actions),
    ...Object.values(states).flatMap(inline),
  ];
  return [...Object.values(machine.implementations.actions), ...inline(machine.root)].some((action) => {
    const { type, delay } = action as { type?: string; delay?: unknown };
    return type === 'xstate.enqueueActions' || (type === 'xstate.raise' && delay !== undefined);
  });
}

function mentions({ machine }: Stepper, type: string): boolean {
  return machine.events.some((descriptor) => descriptor === type || descriptor.endsWith('*'));
}

/** Thing `things[i]` takes place i, and the others the places that are left, in order. */
function inverse(things: readonly number[]): number[] {
  const moves: number[] = [];
  things.forEach((thing, place) => {
    moves[thing] = place;
  });
  const highest = Math.max(-1, ...things);
  let free = things.length;
  for (let thing = 0; thing <= highest; thing++) if (moves[thing] === undefined) moves[thing] = free++;
  return moves;
}

export function notLiftable(text: string): ModelError {
  return new ModelError(
    'not-liftable',
    `the population cannot be scaled: ${text}`,
    'a context or message may name a few things of the population, none of them by itself',
  );
}
