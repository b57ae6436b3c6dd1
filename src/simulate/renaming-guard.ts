/** Asks actors again, with other things in their places, for what the walker has had them do in a template. */
import type { Forms } from '../stress/forms.ts';
import { RenamingCheck } from '../stress/renaming-check.ts';
import type { Template } from '../stress/template.ts';
import { inverse } from '../stress/things.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { StepRecord } from '../tabulate/walker.ts';

export class RenamingGuard {
  readonly #template: Template;
  readonly #forms: Forms;
  readonly #tables: Tables;
  readonly #renaming: RenamingCheck;
  readonly #checked = new Set<string>();

  constructor(template: Template, forms: Forms, tables: Tables) {
    this.#template = template;
    this.#forms = forms;
    this.#tables = tables;
    this.#renaming = new RenamingCheck(template, forms);
  }

  /** Once for each form of what is taken: the check asks again when it sees fit. */
  check(
    { slot, message, before }: StepRecord,
    { kind, thing }: { readonly kind: number; readonly thing: number },
  ): void {
    const owner = this.#template.owners[kind]!;
    const { event, timer } = this.#tables.messages[message]!;
    const { locals } = this.#tables.actors[slot]!;
    const key = `${slot} ${message} ${before}`;
    if (this.#checked.has(key)) return;
    this.#checked.add(key);
    const { things } = this.#template;
    const state = this.#forms.formOf(owner, thing, locals[before]!);
    const moves = inverse(things.namedIn(event, [...state.things]));
    const member = owner.members[owner.isFamily ? moves[thing]! : 0]!;
    const local = this.#forms.image(owner, thing, locals[before]!, moves);
    const renamed = things.rename(event, moves);
    const own = timer && { id: timer.id, event: things.rename(timer.event, moves) };
    const reaction = own ? member.fire(local, own) : member.react(local, renamed);
    this.#renaming.check({ owner, local, event: renamed, timer: own, reaction });
  }
}
