/**
 * A system with a population as a template: which of its actors are families, alike but for the thing that each has to do with. What
 * `population` declares of them is checked here as far as it can be seen before anything happens.
 */
import type { AnyMachineSnapshot, AnyStateNode } from 'xstate';
import { ModelError } from '../system/errors.ts';
import { addressesOf, Routes } from '../system/routes.ts';
import type { CompleteChannel, System } from '../system/system.ts';
import { canonicalKey } from '../tabulate/plain.ts';
import { inertAddresses, type LocalState, Stepper } from '../tabulate/stepper.ts';
import type { KindDraft } from './layout.ts';
import { Things } from './things.ts';

/** An actor of the template, or a family of them: what they do is asked of the member of thing 0. */
export interface Owner {
  readonly kind: number;
  readonly name: string;
  readonly isFamily: boolean;
  readonly isMonitor: boolean;
  /** By thing, for a family; else one. */
  readonly members: readonly Stepper[];
  readonly names: readonly string[];
  readonly initial: readonly LocalState[];
}

export class Template {
  readonly system: System;
  readonly things: Things;
  /** By kind. */
  readonly owners: Owner[] = [];
  /** By name of an actor: whose it is, and the thing that it has to do with if it is of a family. */
  readonly ownerOf = new Map<string, { readonly owner: Owner; readonly thing: number }>();
  /** Their kinds come after those of the owners. */
  readonly channels: readonly (readonly [string, CompleteChannel])[];
  readonly #placeOfChannel: ReadonlyMap<string, number>;
  readonly #routes: Routes;

  /** @throws ModelError `not-liftable` where things of the population are not what they are declared to be */
  constructor(system: System) {
    if (system.starts.length > 1) throw startsElsewhere(system);
    const bounded = Object.keys(system.actors).find((name) => system.actors[name]!.constraint);
    if (bounded !== undefined) throw goesOnBehind(bounded);
    this.system = system;
    this.things = new Things(system.population);
    this.channels = Object.entries(system.channels);
    this.#placeOfChannel = new Map(this.channels.map(([name], place) => [name, place]));
    this.#routes = new Routes(system.channels);
    this.#findOwners();
    if (Object.keys(system.starts[0]!).length > 0) throw startsElsewhere(system);
  }

  #findOwners(): void {
    const { system, things } = this;
    const names = Object.keys(system.actors);
    const addresses = inertAddresses(addressesOf(system));
    const families = new Map<string, { names: string[]; members: Stepper[] }>();
    const singles = new Map<string, { stepper: Stepper; isMonitor: boolean }>();
    const inOrder: string[] = [];
    for (const name of names) {
      const { machine, input } = system.actors[name]!;
      const stepper = new Stepper(name, machine, input, addresses);
      const place = things.familyOf(name);
      if (!place) {
        if (things.namedIn(name).length > 0) throw notLiftable(`the name of actor "${name}" is of several things`);
        singles.set(name, { stepper, isMonitor: false });
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
      singles.set(property.name, { stepper, isMonitor: true });
      inOrder.push(property.name);
    }
    for (const name of inOrder) {
      const family = families.get(name);
      const single = singles.get(name);
      const members = family?.members ?? [single!.stepper];
      for (let thing = 0; family && thing < things.count; thing++) {
        if (!family.members[thing]) throw notLiftable(`the population has ${things.count} things, and "${name}" fewer`);
      }
      const owner: Owner = {
        kind: this.owners.length,
        name,
        isFamily: family !== undefined,
        isMonitor: single?.isMonitor ?? false,
        members,
        names: family?.names ?? [name],
        initial: members.map((stepper) => stepper.initial().next),
      };
      this.owners.push(owner);
      owner.names.forEach((member, thing) => {
        this.ownerOf.set(member, { owner, thing });
      });
      this.#requireUniform(owner);
    }
    for (const [name, { from, to, lossy, order, duplicating, competing }] of this.channels) {
      if (competing) {
        throw new ModelError(
          'not-liftable',
          `receivers compete for channel "${name}", and in a stress run each message has its receiver when it is sent`,
          'stress a variant in which each receiver has a channel of its own',
        );
      }
      if (order === 'set' || duplicating === 'always') {
        throw new ModelError(
          'not-liftable',
          `channel "${name}" ${order === 'set' ? 'is a set' : 'keeps all messages'}, and a stress run has queues and bags that empty`,
          "stress a variant with an 'unordered' channel",
        );
      }
      if (lossy === 'anywhere') {
        throw new ModelError(
          'not-liftable',
          `channel "${name}" loses messages anywhere in it, and the queues of a stress run lose only their oldest`,
          "stress a variant with `lossy: true`, or with an 'unordered' channel",
        );
      }
      const ends = [from ?? [], to].map((actors) => Object.fromEntries(actors.map((actor) => [actor, true])));
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

  /** The kind of the channel that takes a message, or -1. */
  channelFor(owner: Owner, to: string, type: string): number {
    const from = owner.names[0]!;
    const [channel] = this.#routes.carrying(from, to, type);
    return channel === undefined ? -1 : this.owners.length + this.#placeOfChannel.get(channel)!;
  }

  isAtRest(owner: Owner, snapshot: AnyMachineSnapshot): boolean {
    const { rest, choices } = this.system.actors[owner.names[0]!]!;
    if (snapshot.status === 'done') return true;
    if (rest === undefined) return choices.length === 0;
    return typeof rest === 'function' ? rest(snapshot) : rest.some((value) => snapshot.matches(value as never));
  }

  /** The kinds, without their places. @param measured names that actors start with whose states are measured */
  drafts(measured: readonly string[]): KindDraft[] {
    return [...this.owners.map((owner) => this.#draftOf(owner, measured)), ...this.channels.map(draftOfChannel)];
  }

  #draftOf(owner: Owner, measured: readonly string[]): KindDraft {
    const sort = owner.isMonitor ? 'monitor' : owner.isFamily ? 'family' : 'actor';
    const choices = owner.isMonitor ? [] : this.system.actors[owner.names[0]!]!.choices;
    // Whether a machine arms timers is known only when it does, so only monitors are ruled out.
    const mayTime = !owner.isMonitor && mayArmTimers(owner.members[0]!);
    const rank = this.system.properties.findIndex(({ name }) => name === owner.name);
    const isMeasured = !owner.isMonitor && measured.some((start) => owner.name.startsWith(start));
    return { ...NO_CHANNEL, isMeasured, rank, name: owner.name, sort, starts: choices.length > 0 || mayTime };
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
  const { capacity, order, whenFull, lossy, duplicating } = channel as CompleteChannel;
  return {
    ...NO_CHANNEL,
    name,
    sort: 'channel',
    starts: true,
    capacity: Math.min(capacity, UNBOUNDED),
    isFifo: order === 'fifo',
    dropsWhenFull: whenFull === 'drop',
    isLossy: lossy === true,
    isDuplicating: duplicating === true,
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

export function notLiftable(text: string): ModelError {
  return new ModelError(
    'not-liftable',
    `the population cannot be scaled: ${text}`,
    'a context or message may name a few things of the population, none of them by itself',
  );
}

function startsElsewhere({ starts }: System): ModelError {
  return new ModelError(
    'not-liftable',
    `a stress run begins where the inputs of the actors say, and this system has ${starts.length} other ways to start (\`starts\`)`,
    'stress a variant without them',
  );
}

function goesOnBehind(actor: string): ModelError {
  return new ModelError(
    'not-liftable',
    `a stress run goes on from every state, and actor "${actor}" has a constraint`,
    'stress a system without it, whose machines are bounded by their own guards',
  );
}
