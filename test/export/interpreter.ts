/** Runs an exported model, so that it can be compared with the tables step by step, without any other tool. */
import type { Expression } from '../../src/export/expression.ts';
import type { Action, Model } from '../../src/export/model.ts';

/** Per slot: a local state, or the messages in a channel. */
export type ModelState = readonly (number | readonly number[])[];

export class ModelInterpreter {
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  holds(expression: Expression, state: ModelState): boolean {
    switch (expression.kind) {
      case 'constant':
        return expression.value;
      case 'in': {
        // As the languages write it: by what is shorter.
        const { slot, values, others } = expression;
        const value = state[slot] as number;
        return values.length <= others.length ? values.includes(value) : !others.includes(value);
      }
      case 'offers': {
        const content = state[expression.slot] as readonly number[];
        return this.#isFifo(expression.slot)
          ? content[expression.place ?? 0] === expression.message
          : content.includes(expression.message);
      }
      case 'atMost':
        return (state[expression.slot] as readonly number[]).length <= expression.count;
      case 'content':
        return String(state[expression.slot]) === String(expression.messages);
      case 'not':
        return !this.holds(expression.of, state);
      case 'all':
        return expression.of.every((part) => this.holds(part, state));
      default:
        return expression.of.some((part) => this.holds(part, state));
    }
  }

  /** What each enabled rule leads to. */
  successors(state: ModelState): { label: string; state: ModelState }[] {
    if (this.holds(this.#model.stopped, state)) return [];
    return this.#model.groups.flatMap(({ rules }) =>
      rules
        .filter(({ guard }) => this.holds(guard, state))
        .map(({ label, action }) => ({ label, state: this.#after(action, state) })),
    );
  }

  #after(action: Action, state: ModelState): ModelState {
    if (action.kind === 'branch') {
      const arms = action.arms.filter(({ values }) => values.includes(state[action.slot] as number));
      if (arms.length !== 1)
        throw new Error(`${arms.length} arms for the value ${state[action.slot]} of ${action.slot}`);
      return this.#after(arms[0]!.action, state);
    }
    if (action.kind === 'room') {
      const { length } = state[action.slot] as readonly number[];
      return this.#after(length <= action.atMost ? action.room : action.full, state);
    }
    const next = [...state];
    for (const { slot, values } of action.changes) {
      const after = values.get(state[slot] as number);
      if (after === undefined) throw new Error(`${action.story}: nothing for the value ${state[slot]} of ${slot}`);
      next[slot] = after;
    }
    const { removed } = action;
    if (removed) {
      const content = next[removed.slot] as readonly number[];
      const at = removed.place > 0 ? removed.place : content.indexOf(removed.message);
      if (content[at] !== removed.message) throw new Error(`${action.story}: another message is at ${at}`);
      next[removed.slot] = content.toSpliced(at, 1);
    }
    for (const { slot, message } of action.added) {
      const content = next[slot] as readonly number[];
      if (this.#orderOf(slot) !== 'set' || !content.includes(message)) next[slot] = [...content, message];
    }
    return next;
  }

  #isFifo(slot: number): boolean {
    return this.#orderOf(slot) === 'fifo';
  }

  #orderOf(slot: number): Model['channels'][number]['order'] {
    return this.#model.channels.find((channel) => channel.slot === slot)!.order;
  }
}
