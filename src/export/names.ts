/** Identifiers that every output language takes, as close to the names in the model as possible. */
import type { ActorTable, Message, Tables } from '../tabulate/tables.ts';
import { stateText, timerText, valueText } from '../trace/words.ts';

/** Of Promela, C, Murphi and TLA+; Murphi does not tell upper from lower case everywhere. */
const RESERVED = new Set(
  `active alias and array assert assume atomic auto begin bit bool boolean break by byte case chan char clear const constant
  constants cover c_code c_decl c_expr c_state c_track default define domain do double d_step d_proctype d_proc do else elsif elseif
  empty end enabled endalias endexists endfor endforall endfunction endif endprocedure endrecord endrule endruleset
  endstartstate endswitch endwhile enum error eval exists except extends extern false fi float for forall from full
  function get get_priority goto hidden if ifdef import in init inline instance int invariant isundefined isundefined
  isolated lambda len let liveness local log long ltl module multiset mtype nempty never new next nfull notrace np_ null od of
  op or other pc_value pid predict printf printm priority process procedure proctype program property proof provided put qed
  readonly real record register return rule ruleset run scalarset select self set_priority short show signed sizeof skip smallrange
  spec startstate static string struct subset switch temporal then theorem timeout to trace true type typedef unchanged
  undefine union unless unsigned unused use var variable variables void volatile while with xr xs xor yield assumption axiom
  choose corollary lemma proposition strong_fairness weak_fairness sf_ wf_ len head tail append seq nat step properties spec
  main now none ask system frontier steps_left stopped something_can_happen report witness unreachable progress fairness fair_round
  owed taken_by step_taken settled goes_on no_run lost next_owed no_properties`
    .split(/\s+/)
    .map((word) => word.toLowerCase()),
);

/** What models call their properties, and guesses about what is fair. */
const NUMBERED = /^(property|enabled|no_more)_\d+$/i;

const LENGTH_MAX = 48;

export class Names {
  readonly #taken = new Set<string>();

  /** An identifier that is like a text, and that nothing else has. */
  identifier(text: string): string {
    const plain = sanitized(text);
    const base = /^[A-Za-z]/.test(plain) ? plain : `x_${plain}`.replace(/_+$/, '');
    const free = (name: string) =>
      !this.#taken.has(name.toLowerCase()) && !RESERVED.has(name.toLowerCase()) && !NUMBERED.test(name);
    let name = base;
    for (let number = 2; !free(name); number++) name = `${base}_${number}`;
    this.#taken.add(name.toLowerCase());
    return name;
  }
}

function sanitized(text: string): string {
  const words = text.replaceAll(/[^A-Za-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '');
  return words.length <= LENGTH_MAX ? words : words.slice(0, LENGTH_MAX).replace(/_[^_]*$/, '');
}

/** What tells a local state from the others: the state value, and the fields of the context that differ within it. */
export function localNames({ locals }: ActorTable): string[] {
  const descriptions = locals.map(({ snapshot, timers }) => ({
    state: stateText(snapshot.value),
    context: (snapshot.context ?? {}) as Record<string, unknown>,
    timers: timers.map(({ id }) => timerText(id)).join(' '),
  }));
  const varying = new Map<string, { fields: string[]; timers: boolean }>();
  for (const state of new Set(descriptions.map((one) => one.state))) {
    const alike = descriptions.filter((one) => one.state === state);
    const keys = [...new Set(alike.flatMap(({ context }) => Object.keys(context)))];
    const fields = keys.filter((key) => new Set(alike.map(({ context }) => valueText(context[key]))).size > 1);
    varying.set(state, { fields, timers: new Set(alike.map(({ timers }) => timers)).size > 1 });
  }
  return descriptions.map(({ state, context, timers }) => {
    const { fields, timers: haveTimers } = varying.get(state)!;
    const parts = fields.filter((key) => key in context).map((key) => fieldName(key, context[key]));
    if (haveTimers) parts.push(timers === '' ? 'no_timer' : 'timer');
    return [state === '-' ? '' : state, ...parts].filter((part) => part !== '').join('_') || 'only';
  });
}

function fieldName(key: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === true) return key;
  if (value === false) return `not_${key}`;
  if (value === null || value === undefined) return `no_${key}`;
  if (Array.isArray(value) && value.length === 0) return `no_${key}`;
  return `${key}_${valueText(value)}`;
}

/** `ITEM_consumer_7`: a message in a channel. */
export function messageName(tables: Tables, { to, event }: Message): string {
  const { type, ...payload } = event;
  const fields = Object.values(payload).map((value) =>
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  );
  return [type, tables.nameOf(to), ...fields].join('_');
}

/** Text for comments and strings: ASCII without quotes and backslashes, on one line. */
export function plainText(text: string): string {
  return text
    .replaceAll(/[\s]+/g, ' ')
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .replaceAll('*/', '* /')
    .replaceAll('…', '...')
    .replaceAll(/[^ -~]/g, (character) => `<${character.codePointAt(0)!.toString(16)}>`);
}
