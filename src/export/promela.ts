/**
 * A model as Promela, for SPIN: one `d_step` per step.
 *
 * Properties of progress are `ltl` blocks, whose premise is that the run is fair. One formula with a conjunct for each fair
 * entity would be beyond SPIN, so the model counts: `owed` goes round the entities, past one that takes a step, and past a weak one
 * that is seen not to be enabled; that it comes round again and again is fairness (the usual way from generalised Büchi automata
 * to plain ones). A strong one is passed unenabled only where it was guessed that it will never be enabled again, and a guess that
 * turns out wrong ends the run. Whether an entity is enabled is looked at in a step of its own that changes nothing
 * else, so a run may stop where nothing fair is enabled, as it may here. All that is there with `-DPROGRESS` only: it multiplies
 * the states.
 */
import { UsageError } from '../system/errors.ts';
import { all, any, type Expression, type Notation, not, write } from './expression.ts';
import { aligned, type Lines, textOf, wrapped, wrappedWords } from './lines.ts';
import {
  type Action,
  type Assignments,
  isProgress,
  leftOut,
  type Machine,
  type Model,
  type ModelChannel,
  type ModelProperty,
  type Rule,
  type RuleGroup,
} from './model.ts';
import { plainText } from './names.ts';

/**
 * @param title what the model is, and how to make it again: lines for the comment at the top
 * @throws UsageError for a model of several initial states: SPIN would have to choose one in a step of its own
 *
 * @example
 * ```ts
 * import { exploreSpace, modelOf, toPromela } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const model = modelOf(await exploreSpace(lights));
 * toPromela(model, ['two lights']).length > 100; // => true
 * ```
 */
export function toPromela(model: Model, title: readonly string[]): string {
  if (model.starts.length > 1) {
    throw new UsageError(
      `a model in Promela has one initial state, and this system has ${model.starts.length}`,
      'Murphi and TLA+ have as many as there are: --to murphi, --to tla',
    );
  }
  return textOf(new Promela(model).lines(title));
}

/** What SPIN prints when it comes to the edge of the model. */
export const FRONTIER_LINE = 'faultline frontier';

/** What `toPromela` does not say: properties of progress, when the model has the first steps only, or SPIN cannot take them. */
export function leftOutOfPromela(model: Model): string[] {
  return new Promela(model).leftOut();
}

/** What is asserted in single states. */
const STATED: ReadonlySet<ModelProperty['kind']> = new Set(['always', 'monitor', 'hot', 'deadlock']);

const PROCESSES_MAX = 250;
/** SPIN reads conditions within a formula into 2,048 characters, with parentheses of its own; entities are counted in a byte. */
const FORMULA_MAX = 1200;
const ENTITIES_MAX = 250;

class Promela implements Notation {
  readonly true = 'true';
  readonly false = 'false';
  readonly and = ' && ';
  readonly or = ' || ';
  readonly #model: Model;
  /** Properties with an `ltl` block. */
  readonly #progress: readonly ModelProperty[];

  constructor(model: Model) {
    this.#model = model;
    const { isComplete, entities, properties } = model;
    const formulas = isComplete && entities.length <= ENTITIES_MAX;
    this.#progress = properties.filter(
      (property) => isProgress(property) && formulas && this.#formula(property).length <= FORMULA_MAX,
    );
  }

  leftOut(): string[] {
    return leftOut(
      this.#model.properties.filter((property) => isProgress(property) && !this.#progress.includes(property)),
    );
  }

  lines(title: readonly string[]): Lines {
    const { machines, channels } = this.#model;
    const groups = this.#processes();
    return [
      ...this.#header(title),
      ...machines.flatMap((machine) => this.#declareMachine(machine)),
      ...channels.flatMap((channel) => this.#declareChannel(channel)),
      '',
      '/* For a property that something can happen: -DASK=N. Without: -DNO_PROPERTIES, for counting all states. */',
      '#ifndef ASK',
      '#define ASK 0',
      '#endif',
      '/* The property with this number is violated, or its witness is found. */',
      '#define report(number) assert(number == 0)',
      '#define witness(number) assert(number != ASK)',
      '/* No state of the exported space comes here. */',
      '#define unreachable assert(false)',
      '',
      ...this.#edges(),
      ...this.#fairness(),
      ...groups.flatMap(({ name, identifier, rules }) => [
        `/* What ${plainText(name)} starts. */`,
        `active proctype ${identifier}()${this.#provided()} {`,
        'end:',
        ['do', ...rules.flatMap((rule) => this.#rule(rule)), 'od'],
        '}',
        '',
      ]),
      ...this.#properties(),
    ];
  }

  /** Where the model ends, although the system may not: at violations, and after the first steps. */
  #edges(): Lines {
    const { isComplete, expandedDepth, cutBy, stopped } = this.#model;
    const steps = expandedDepth + 1;
    return [
      ...(cutBy.length === 0
        ? []
        : ['/* Nothing behind a violation is part of the model. */', ...macro('stopped', write(stopped, this)), '']),
      ...(isComplete
        ? []
        : [
            '/* Steps until the edge of the model, where nothing can be said any more. */',
            `${typeFor(steps + 1)} steps_left = ${steps};`,
            `#define frontier printf("${FRONTIER_LINE}\\n"); assert(steps_left > 0)`,
            '',
          ]),
    ];
  }

  /** Strongly fair entities, by number from 1, of which something is guessed. */
  get #strong(): number[] {
    if (this.#progress.length === 0) return [];
    return this.#model.entities.flatMap(({ strength }, entity) => (strength === 'strong' ? [entity + 1] : []));
  }

  get #mayEnd(): boolean {
    const { isComplete, cutBy } = this.#model;
    return !isComplete || cutBy.length > 0 || this.#strong.length > 0;
  }

  #provided(): string {
    return this.#mayEnd ? ' provided (goes_on)' : '';
  }

  #goesOn(guesses: readonly string[]): Lines {
    if (!this.#mayEnd) return [];
    const { isComplete, cutBy } = this.#model;
    const all = [...(cutBy.length === 0 ? [] : ['!stopped']), ...(isComplete ? [] : ['steps_left > 0']), ...guesses];
    return macro('goes_on', all.join(' && ') || 'true');
  }

  /** What only `-DPROGRESS` has, see the top of this file. */
  #fairness(): Lines {
    if (this.#progress.length === 0) return [...this.#goesOn([]), ''];
    const { entities } = this.#model;
    const strong = this.#strong;
    const settled = strong.length === 0 ? '' : 'settled && ';
    const lost = entities.length + 1;
    return [
      '#ifdef PROGRESS',
      '/*',
      ' * What a fair run does not leave out: of a weak one, when it is enabled all the time; of a strong one, again and again.',
      ...entities.map(({ name, strength }, entity) => ` * ${entity + 1} ${strength}: ${plainText(name)}`),
      ' */',
      '/* Whose turn it is to take a step, or not to be enabled; 0 when all had theirs, until the next step of any kind. */',
      'byte owed = 0;',
      '#define step_taken(entity) if :: owed == 0 || owed == entity -> owed = next_owed(owed) :: else -> skip fi',
      `#define next_owed(entity) ((entity + 1) % ${entities.length + 1})`,
      '#define fair_round (owed == 0)',
      ...strong.map((number) => `bit no_more_${number} = 0; /* It is guessed that it is never enabled again. */`),
      ...(strong.length === 0 ? [] : ['bit settled = 0; /* All guesses are made. */']),
      ...entities.flatMap((_, entity) => macro(`enabled_${entity + 1}`, write(this.#enabled(entity), this))),
      ...this.#goesOn(strong.map((number) => `!(no_more_${number} && enabled_${number})`)),
      `active proctype fairness()${this.#provided()} {`,
      'end:',
      [
        'do',
        `:: d_step { ${settled}owed == 0 -> owed = next_owed(owed) }`,
        ...entities.map(({ strength }, entity) => {
          const number = entity + 1;
          const passed = strength === 'weak' ? `!enabled_${number}` : `settled && no_more_${number}`;
          return `:: d_step { owed == ${number} && ${passed} -> owed = next_owed(owed) }`;
        }),
        ...strong.map((number) => `:: d_step { !settled && !no_more_${number} -> no_more_${number} = 1 }`),
        ...(strong.length === 0 ? [] : [':: d_step { !settled -> settled = 1 }']),
        'od',
      ],
      '}',
      ...(this.#mayEnd
        ? [
            '/* Behind a violation, or a wrong guess, there is no fair run. */',
            'active proctype no_run() {',
            'end:',
            ['do', `:: d_step { !goes_on && owed != ${lost} -> owed = ${lost} }`, 'od'],
            '}',
          ]
        : []),
      ...this.#progress.flatMap((property) => [
        `/* ${plainText(property.name)} */`,
        `ltl property_${property.number} {`,
        wrapped(this.#formula(property)),
        '}',
      ]),
      '#else',
      '#define step_taken(entity) skip',
      ...this.#goesOn([]),
      '#endif',
      '',
    ];
  }

  /** Some rule of the entity can be taken. */
  #enabled(entity: number): Expression {
    return any(
      ...this.#model.groups.flatMap(({ rules }) =>
        rules.filter((rule) => rule.entity === entity).map(({ guard }) => guard),
      ),
    );
  }

  #formula({ kind, expression, trigger }: ModelProperty): string {
    const premise = '([]<> fair_round)';
    const goal = `(${write(expression, this)})`;
    switch (kind) {
      case 'eventually':
        return `${premise} -> (<> ${goal})`;
      case 'leadsTo':
        return `${premise} -> ([] ((${write(trigger ?? all(), this)}) -> (<> ${goal})))`;
      default:
        return `${premise} -> ([]<> ${goal})`;
    }
  }

  /** One for each that starts something; SPIN takes at most 255, so beyond that all are one. */
  #processes(): readonly RuleGroup[] {
    const { groups } = this.#model;
    if (groups.length <= PROCESSES_MAX) return groups;
    return [{ name: 'everybody', identifier: groups[0]!.identifier, rules: groups.flatMap(({ rules }) => rules) }];
  }

  #header(title: readonly string[]): string[] {
    const { states, steps, depth, isComplete, expandedDepth, cutBy } = this.#model;
    const count = (value: number) => value.toLocaleString('en-US');
    const counts = isComplete
      ? [`${count(states)} states, ${count(steps)} steps (SPIN's transitions less one), depth ${depth} (with -DBFS).`]
      : [
          `Of the first ${expandedDepth} steps only: ${count(states)} states, which SPIN counts once for each number of steps that leads to them.`,
          'Search with -DBFS. "assertion violated (steps_left>0)" is the edge of the model: no violation within these steps.',
        ];
    const behind =
      cutBy.length === 0 ? [] : [`Nothing behind a violation is part of it (property ${cutBy.join(', ')}).`];
    const missing = this.leftOut();
    const vector = 100 + this.#bytes();
    const size = vector > 1000 ? ` -DVECTORSZ=${2 ** Math.ceil(Math.log2(vector))}` : '';
    const progress = this.#progress.map(({ number }) => `property_${number}`);
    const formulas = [
      '',
      `Progress: ${progress.join(', ')}, each an ltl block with our fairness as its premise. Runs into a violation are not asked.`,
      '',
      '  spin -DPROGRESS -o2 -a MODEL.pml',
      `  gcc -O2 -DNOREDUCE${size} -o pan pan.c`,
      `  ./pan -a -n -m10000000 -N ${progress[0]}`,
      '  ./pan -r -N ... > steps.txt                     # after an error',
    ];
    return [
      '/*',
      ...title.map((line) => ` * ${plainText(line)}`.trimEnd()),
      ' *',
      ...[...counts, ...behind, ...missing.map((text) => `Left out: ${plainText(text)}`)].map((line) => ` * ${line}`),
      ' *',
      ' *   spin -o2 -a MODEL.pml                           # -o2: leaves out no variable, not even one that nothing reads',
      ` *   gcc -O2 -DSAFETY -DNOREDUCE -DBFS${size} -o pan pan.c     # without -DBFS: depth first`,
      ' *   ./pan -n',
      ' *   spin -t MODEL.pml > steps.txt                   # after an error; then: faultline replay ... --from-spin steps.txt',
      ' *',
      ' * A trace to "assertion violated (N==0)" has as many steps as it is deep, less one: it violates property N.',
      ...(progress.length === 0 ? [] : formulas.map((line) => ` * ${line}`.trimEnd())),
      ' */',
      '',
    ];
  }

  #bytes(): number {
    const { machines, channels } = this.#model;
    const ofChannel = (channel: ModelChannel) =>
      2 * (channel.order === 'fifo' ? channel.size : channel.messages.size) + 2;
    return machines.length * 2 + channels.reduce((sum, channel) => sum + ofChannel(channel), 0);
  }

  #declareMachine({ name, identifier, isMonitor, values, initial }: Machine): string[] {
    return [
      `/* ${isMonitor ? `Monitor: ${plainText(name)}` : plainText(name)} */`,
      ...aligned(
        values.map(({ identifier: value, comment: text }, number) => [`#define ${value} ${number}`, text]),
        comment,
      ),
      `${typeFor(values.length)} ${identifier} = ${values[initial[0]!]!.identifier};`,
      '',
    ];
  }

  #declareChannel({
    identifier,
    order,
    comment: what,
    size,
    copies,
    messages,
    initial: starts,
    losesAnywhere,
  }: ModelChannel): string[] {
    const initial = starts[0]!;
    const isFifo = order === 'fifo';
    const names = [...messages.values()];
    const defined = aligned(
      names.map(({ identifier: name, comment: text }, number) => [
        `#define ${name} ${number + (isFifo ? 1 : 0)}`,
        text,
      ]),
      comment,
    );
    const ids = [...messages.keys()];
    const start = isFifo
      ? Array.from({ length: size }, (_, at) =>
          initial[at] === undefined ? '0' : messages.get(initial[at])!.identifier,
        )
      : ids.map((id) => String(initial.filter((message) => message === id).length));
    const values = initial.length === 0 ? '' : ` = { ${start.join(', ')} }`;
    const type = isFifo ? typeFor(names.length + 1) : typeFor(copies + 1);
    const length = `${identifier}_length`;
    return [
      `/* ${what} */`,
      ...(isFifo ? [`/* The oldest message is at 0; 0 is no message. */`] : ['/* How many there are of each. */']),
      ...defined,
      `${type} ${identifier}[${Math.max(1, isFifo ? size : ids.length)}]${values};`,
      `${typeFor(size + 1)} ${length}${initial.length === 0 ? '' : ` = ${initial.length}`};`,
      ...(isFifo
        ? [
            `inline add_to_${identifier}(message) { ${identifier}[${length}] = message; ${length}++ }`,
            `inline remove_from_${identifier}(message) {`,
            ...Array.from({ length: size - 1 }, (_, at) => `  ${identifier}[${at}] = ${identifier}[${at + 1}];`),
            `  ${identifier}[${size - 1}] = 0; ${length}--`,
            '}',
            // The others that one can be behind.
            ...Array.from({ length: losesAnywhere ? size - 1 : 0 }, (_, before) => [
              `inline remove_from_${identifier}_behind_${before + 1}(message) {`,
              ...Array.from(
                { length: size - 2 - before },
                (_, at) => `  ${identifier}[${before + 1 + at}] = ${identifier}[${before + 2 + at}];`,
              ),
              `  ${identifier}[${size - 1}] = 0; ${length}--`,
              '}',
            ]).flat(),
          ]
        : [
            order === 'set'
              ? `inline add_to_${identifier}(message) { if :: ${identifier}[message] == 0 -> ${identifier}[message] = 1; ${length}++ :: else -> skip fi }`
              : `inline add_to_${identifier}(message) { ${identifier}[message]++; ${length}++ }`,
            `inline remove_from_${identifier}(message) { ${identifier}[message]--; ${length}-- }`,
          ]),
      '',
    ];
  }

  #rule({ label, guard, action, entity }: Rule): Lines {
    const say = `printf("faultline: ${label.replaceAll('%', '%%')}\\n")`;
    const counted = this.#model.isComplete ? [] : ['steps_left--'];
    const fair = this.#progress.length > 0 ? [`step_taken(${entity + 1})`] : [];
    return [
      ...wrapped(`${write(guard, this)} ->`, ':: d_step { ', '   '),
      [...separated([[say], ...this.#action(action), ...[...counted, ...fair].map((statement) => [statement])]), '}'],
    ];
  }

  /** Statements, each of several lines. */
  #action(action: Action): Lines[] {
    switch (action.kind) {
      case 'assign':
        return this.#assignments(action);
      case 'room': {
        const fits: Expression = { kind: 'atMost', slot: action.slot, count: action.atMost };
        const arm = (condition: string, inner: Action) => [`:: ${condition} ->`, separated(this.#actionOrSkip(inner))];
        return [['if', ...arm(write(fits, this), action.room), ...arm('else', action.full), 'fi']];
      }
      default: {
        const arms = action.arms.flatMap(({ values, action: inner }) => {
          const condition = values.map((value) => this.isValue(action.slot, value)).join(' || ');
          return [...wrapped(`${condition} ->`, ':: ', '   '), separated(this.#actionOrSkip(inner))];
        });
        return [['if', ...arms, ':: else -> unreachable', 'fi']];
      }
    }
  }

  #actionOrSkip(action: Action): Lines[] {
    const statements = this.#action(action);
    return statements.length === 0 ? [['skip']] : statements;
  }

  #assignments({ story, witnesses, removed, added, changes }: Assignments): Lines[] {
    const statements: Lines[] = [];
    for (const { number, kind, name } of this.#model.properties) {
      if (kind === 'happens' && witnesses.includes(name)) statements.push([`witness(${number})`]);
    }
    if (removed) statements.push([this.#channelCall('remove_from', removed, behind(removed.place))]);
    for (const one of added) statements.push([this.#channelCall('add_to', one)]);
    for (const { slot, values } of changes) statements.push(this.#change(slot, values));
    const told =
      story.length <= 1
        ? []
        : wrappedWords(story.join('; '), '/* ', '   ').map((line, at, lines) =>
            at === lines.length - 1 ? `${line} */` : line,
          );
    if (statements.length === 0) return told.length === 0 ? [] : [[...told, 'skip']];
    return [[...told, ...statements[0]!], ...statements.slice(1)];
  }

  #change(slot: number, values: ReadonlyMap<number, number>): Lines {
    const { identifier, values: names } = this.#model.machines[slot]!;
    const groups = grouped(values);
    const assign = (after: number) => `${identifier} = ${names[after]!.identifier}`;
    if (groups.length === 1 && groups[0]!.changed.length === values.size) return [assign(groups[0]!.after)];
    const arms = groups
      .filter(({ changed }) => changed.length > 0)
      .flatMap(({ after, changed }) => {
        const condition = changed.map((before) => this.isValue(slot, before)).join(' || ');
        return wrapped(`${condition} -> ${assign(after)}`, ':: ', '   ');
      });
    const stays = [...values].some(([before, after]) => before === after);
    return ['if', ...arms, `:: else -> ${stays ? 'skip' : 'unreachable'}`, 'fi'];
  }

  #channelCall(call: string, { slot, message }: { slot: number; message: number }, where = ''): string {
    const { identifier, messages } = this.#channel(slot);
    return `${call}_${identifier}${where}(${messages.get(message)!.identifier})`;
  }

  #properties(): Lines {
    const { properties } = this.#model;
    const stated = properties.filter(({ kind }) => STATED.has(kind));
    const asked = properties.filter(({ kind }) => kind === 'reachable');
    const all = properties.map(({ number, name, kind }) => ` * ${number} ${kind}: ${plainText(name)}`);
    return [
      '/*',
      ...all,
      ' *',
      ' * `reachable` and `happens` are violated when nothing witnesses them. To ask for a witness: spin -DASK=N -o2 -a MODEL.pml;',
      ' * it is found when "assertion violated (N==0)", or "(N!=N)", is reported.',
      ' */',
      ...(this.#progress.length === 0 ? [] : ['#ifndef PROGRESS']),
      'active proctype properties() {',
      'end:',
      ['do', ':: false -> skip /* SPIN wants an option, there may be no other. */'],
      '#ifndef NO_PROPERTIES',
      [
        ...stated.flatMap((property) => this.#stated(property)),
        ...asked.flatMap(({ number, expression }) =>
          wrapped(`${number} == ASK && (${write(expression, this)}) -> report(${number})`, ':: ', '   '),
        ),
        ...(this.#model.isComplete ? [] : [':: steps_left == 0 -> frontier']),
      ],
      '#endif',
      ['od'],
      '}',
      ...(this.#progress.length === 0 ? [] : ['#endif']),
    ];
  }

  #stated({ number, kind, expression }: ModelProperty): string[] {
    const violated = not(expression);
    const text = write(violated, this, 'all');
    const deadEnd = kind === 'hot' || kind === 'deadlock';
    if (violated.kind === 'constant' && !violated.value) return [];
    const condition = !deadEnd ? text : violated.kind === 'constant' ? 'timeout' : `timeout && ${text}`;
    return wrapped(`${condition} -> report(${number})`, ':: ', '   ');
  }

  #channel(slot: number): ModelChannel {
    return this.#model.channels.find((channel) => channel.slot === slot)!;
  }

  // --- notation ---

  not(text: string): string {
    return `!(${text})`;
  }

  isValue(slot: number, value: number): string {
    const { identifier, values } = this.#model.machines[slot]!;
    return `${identifier} == ${values[value]!.identifier}`;
  }

  isNotValue(slot: number, value: number): string {
    const { identifier, values } = this.#model.machines[slot]!;
    return `${identifier} != ${values[value]!.identifier}`;
  }

  offers(slot: number, message: number, place: number): string {
    const { identifier, order, messages } = this.#channel(slot);
    const name = messages.get(message)!.identifier;
    return order === 'fifo' ? `${identifier}[${place}] == ${name}` : `${identifier}[${name}] > 0`;
  }

  atMost(slot: number, count: number): string {
    const { identifier } = this.#channel(slot);
    return count === 0 ? `${identifier}_length == 0` : `${identifier}_length <= ${count}`;
  }

  content(slot: number, messages: readonly number[]): string {
    const { identifier, order, messages: names } = this.#channel(slot);
    const parts = [`${identifier}_length == ${messages.length}`];
    if (order === 'fifo') {
      messages.forEach((message, at) => {
        parts.push(`${identifier}[${at}] == ${names.get(message)!.identifier}`);
      });
    } else {
      for (const message of new Set(messages)) {
        const count = messages.filter((other) => other === message).length;
        parts.push(`${identifier}[${names.get(message)!.identifier}] == ${count}`);
      }
    }
    return `(${parts.join(' && ')})`;
  }
}

/** What removes a message that is not the oldest of a queue. */
export function behind(place: number): string {
  return place === 0 ? '' : `_behind_${place}`;
}

/** Values that become the same, and which of them change by that. */
export function grouped(values: ReadonlyMap<number, number>): { after: number; changed: number[] }[] {
  const groups = new Map<number, number[]>();
  for (const [before, after] of values) {
    if (!groups.has(after)) groups.set(after, []);
    if (before !== after) groups.get(after)!.push(before);
  }
  return [...groups].map(([after, changed]) => ({ after, changed }));
}

function typeFor(values: number): string {
  if (values <= 2) return 'bit';
  if (values <= 256) return 'byte';
  return values <= 32_768 ? 'short' : 'int';
}

/** A condition with a name. */
function macro(name: string, condition: string): string[] {
  const lines = wrapped(`(${condition})`, `#define ${name} `, '  ');
  return lines.map((line, at) => (at === lines.length - 1 ? line : `${line} \\`));
}

function comment(text: string): string {
  return `/* ${text} */`;
}

/** Statements with semicolons between them. */
function separated(statements: readonly Lines[]): Lines {
  return statements.flatMap((lines, at) => {
    const last = lines.at(-1) as string;
    return at === statements.length - 1 ? lines : [...lines.slice(0, -1), `${last};`];
  });
}
