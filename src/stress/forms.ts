/**
 * Local states and messages taken apart: into a *form*, in which things 0, 1, 2 … of the template stand in the place of those that are
 * named, in the order in which they are named (a member of a family names itself first), and the things.
 */
import type { EventObject } from 'xstate';
import { canonicalKey } from '../tabulate/plain.ts';
import type { LocalState, Timer } from '../tabulate/stepper.ts';
import { ACTOR_THINGS, MEMBER_THINGS, MESSAGE_THINGS } from './layout.ts';
import type { SharedBuffers } from './shared-tables.ts';
import { notLiftable, type Owner, type Template } from './template.ts';
import { inverse, type Things } from './things.ts';

export interface Form {
  readonly owner: Owner;
  /** Of the member of thing 0. */
  readonly local: LocalState;
  /** It names things 0 to `things - 1`. */
  readonly things: number;
}

export interface MessageForm {
  readonly owner: Owner;
  readonly event: EventObject;
  readonly timer: Timer | undefined;
  readonly things: number;
}

/** The number of a form and the things that it is filled with. */
export interface Filled {
  readonly id: number;
  readonly things: readonly number[];
}

/** Images that are kept. */
const IMAGES_MAX = 50_000;

export class Forms {
  /** By number; 0 is none. */
  readonly states: Form[] = [];
  readonly messages: MessageForm[] = [];
  readonly #template: Template;
  readonly #things: Things;
  readonly #buffers: SharedBuffers;
  readonly #onMessage: (id: number, owner: Owner, event: EventObject) => void;
  readonly #stateIds = new Map<string, number>();
  readonly #messageIds = new Map<string, number>();
  readonly #images = new Map<string, LocalState>();

  /** @param onMessage hears of each new form of a message */
  constructor(
    template: Template,
    buffers: SharedBuffers,
    onMessage: (id: number, owner: Owner, event: EventObject) => void,
  ) {
    this.#template = template;
    this.#things = template.things;
    this.#buffers = buffers;
    this.#onMessage = onMessage;
    const owner = template.owners[0]!;
    this.#intern('', { owner, local: owner.initial[0]!, things: 0 });
    this.messages.push({ owner, event: { type: '' }, timer: undefined, things: 0 });
  }

  /** Takes a local state of a member apart. */
  formOf(owner: Owner, thing: number, local: LocalState): Filled {
    const things = owner.isFamily ? [thing] : [];
    this.changedFields(owner, thing, local).forEach(([, value]) => {
      this.#things.namedIn(value, things);
    });
    for (const timer of local.timers) this.#things.namedIn([timer.id, timer.event], things);
    const image = this.image(owner, thing, local, inverse(things));
    const key = `${owner.kind} ${image.key}`;
    const known = this.#stateIds.get(key);
    if (known !== undefined) return { id: known, things };
    const id = this.#intern(key, { owner, local: image, things: things.length });
    return { id, things };
  }

  #intern(key: string, form: Form): number {
    const id = this.states.length;
    this.#stateIds.set(key, id);
    this.states.push(form);
    if (id >= this.#buffers.stateThings.length) throw notLiftable('a stress run has too many different local states');
    const limit = form.owner.isFamily ? MEMBER_THINGS : ACTOR_THINGS;
    if (form.things > limit) {
      throw notLiftable(
        `"${form.owner.name}" names ${form.things} things of the population in one state, more than ${limit}: ${form.local.key.slice(0, 200)}`,
      );
    }
    this.#buffers.stateThings[id] = form.things;
    return id;
  }

  /** The fields of a context that are not as the input made them. */
  changedFields(owner: Owner, thing: number, local: LocalState): (readonly [string, unknown])[] {
    const start = owner.initial[thing]!.snapshot.context as Record<string, unknown>;
    // The same value may be another object, where the context is built anew.
    const isSame = (one: unknown, other: unknown) =>
      one === other || (typeof one === 'object' && canonicalKey(one, 'context') === canonicalKey(other, 'context'));
    return Object.entries(local.snapshot.context as Record<string, unknown>).filter(
      ([field, value]) => !(field in start) || !isSame(value, start[field]),
    );
  }

  /** What a member's local state is for another member when things change places. */
  image(owner: Owner, thing: number, local: LocalState, moves: readonly number[]): LocalState {
    const to = owner.isFamily ? moves[thing]! : 0;
    if (to === thing && moves.every((other, one) => other === one)) return local;
    const start = owner.initial[to]!.snapshot.context as Record<string, unknown>;
    const context: Record<string, unknown> = {};
    const changed = new Map(this.changedFields(owner, thing, local));
    for (const field of Object.keys(local.snapshot.context as object)) {
      context[field] = changed.has(field) ? this.#things.rename(changed.get(field), moves) : start[field];
    }
    const timers = local.timers.map((timer) => ({ ...timer, event: this.#things.rename(timer.event, moves) }));
    return owner.members[to]!.stateOf(local.snapshot, context, timers);
  }

  /** The same of a form, by its number: kept, as the same ones are asked for again and again. */
  imageOf(id: number, owner: Owner, local: LocalState, moves: readonly number[]): LocalState {
    const key = `${id} ${moves.join()}`;
    let image = this.#images.get(key);
    if (!image) {
      image = this.image(owner, 0, local, moves);
      if (this.#images.size > IMAGES_MAX) this.#images.clear();
      this.#images.set(key, image);
    }
    return image;
  }

  /** The number of a message to an actor of the template, and its things: the receiver's first. */
  messageOf(to: string, event: EventObject, timer?: Timer): Filled {
    if (timer?.to !== undefined)
      throw notLiftable(`"${to}" sends ${event.type} to "${timer.to}" with a delay, which only a search can follow`);
    const { owner, thing } = this.#template.ownerOf.get(to)!;
    const things = this.#things.namedIn(event, owner.isFamily ? [thing] : []);
    const moves = inverse(things);
    const form = this.#things.rename(event, moves);
    const key = `${owner.kind} ${timer ? `timer ${timer.id} ` : ''}${canonicalKey(form, `message ${event.type}`)}`;
    let id = this.#messageIds.get(key);
    if (id === undefined) {
      if (things.length > MESSAGE_THINGS) {
        throw notLiftable(`a message ${event.type} names ${things.length} things, more than ${MESSAGE_THINGS}`);
      }
      id = this.messages.length;
      this.#messageIds.set(key, id);
      this.messages.push({ owner, event: form, timer, things: things.length });
      this.#buffers.messageKind[id] = owner.kind;
      this.#buffers.messageThings[id] = things.length;
      this.#onMessage(id, owner, form);
    }
    return { id, things };
  }
}
