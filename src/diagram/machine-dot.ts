/**
 * A machine as DOT text, which is also what its SVG and PNG are laid out from.
 *
 * States that contain others are clusters. A transition is a node, its label, on the way from its source to its targets:
 * unlike Graphviz's edge labels these never overlap, may have several targets, and are laid out between the two ranks
 * that they connect. What stays in a state without a target is a line in the state's box. Edges that lead back are
 * given to Graphviz in reverse, so that it ranks states by how far they are from the initial one.
 */
import { attributes, HEADER, lineHtml, linesHtml, noteLines, quote, type Run, wrapRuns } from './dot.ts';
import { wrap } from './layout-text.ts';
import {
  type GraphState,
  type GraphTransition,
  isWithin,
  type MachineGraph,
  ROOT,
  rootHasOwn,
  stateLines,
} from './machine-graph.ts';
import { type Mark, type Marks, NO_MARKS, signOf } from './marks.ts';
import { boxInk, INK } from './palette.ts';

const BOX_WIDTH = 44;
const LABEL_WIDTH = 28;

/** @param direction `LR`: arrows lead to the right, so that what lies side by side otherwise lies below each other */
export function machineToDot(graph: MachineGraph, marks: Marks = NO_MARKS, direction?: 'LR'): string {
  return new MachineDot(graph, marks).text(direction);
}

class MachineDot {
  readonly #graph: MachineGraph;
  readonly #marks: Marks;
  readonly #states: ReadonlyMap<string, GraphState>;
  readonly #framed: boolean;
  /** Leaves, and what stands for clusters, by how far down they belong. */
  readonly #order: ReadonlyMap<string, number>;

  constructor(graph: MachineGraph, marks: Marks) {
    this.#graph = graph;
    this.#marks = marks;
    this.#states = new Map(graph.states.map((state) => [state.path, state]));
    this.#framed = rootHasOwn(graph);
    this.#order = new Map(this.#leavesInOrder(graph.states[0]!).map((leaf, index) => [leaf, index]));
  }

  text(direction?: 'LR'): string {
    const root = this.#graph.states[0]!;
    const { notes } = this.#graph;
    const title = attributes({
      label: this.#graph.name === '' ? '' : `<${lineHtml([{ text: this.#graph.name, bold: true, size: 14 }])}>`,
      labelloc: 't',
      labeljust: 'c',
    });
    const body = this.#framed
      ? // A machine without states is a box, and a box holds no labels.
        [...this.#state(root), ...(root.children.length === 0 ? this.#labelsIn(ROOT) : [])]
      : notes.length === 0
        ? [`graph${title}`, ...this.#contents(root)]
        : // A graph has one label: where the notes are it, a cluster without a border has the title.
          [
            'subgraph "cluster (picture)" {',
            ...indent([`graph${title}`, 'graph [peripheries=0]', ...this.#contents(root)]),
            '}',
          ];
    // An arrowhead at a cluster's border needs room between the border and the label before it.
    const nested = this.#graph.states.some(({ path, children }) => path !== ROOT && children.length > 0);
    const spacing = nested ? [`graph${attributes({ ranksep: 0.5 })}`] : [];
    return [
      `digraph ${quote(this.#graph.name)} {`,
      ...indent([
        ...HEADER,
        ...spacing,
        ...(direction === undefined ? [] : [`graph${attributes({ rankdir: direction })}`]),
        ...noteLines(notes),
        ...body,
        ...this.#graph.transitions.flatMap((transition) => this.#edges(transition)),
      ]),
      '}',
      '',
    ].join('\n');
  }

  #state(state: GraphState): string[] {
    if (state.kind === 'history') return this.#history(state);
    return state.children.length > 0 ? this.#cluster(state) : [this.#box(state)];
  }

  #cluster(state: GraphState): string[] {
    const mark = this.#marks.states.get(state.path);
    const { line } = boxInk(mark);
    const look = attributes({
      label: `<${this.#table(state, 'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"')}>`,
      labeljust: 'l',
      labelloc: 't',
      peripheries: 1,
      style: this.#isRegion(state) ? 'rounded,filled,dashed' : 'rounded,filled',
      // Not filled with a mark's colour: what lies in it has marks of its own.
      fillcolor: INK.cluster,
      color: mark === undefined ? INK.frame : line,
      penwidth: mark === undefined ? 1 : 2,
      margin: 12,
      id: nodeOf(state.path),
      class: classOf('state', mark),
      tooltip: state.description ?? state.path,
    });
    return [`subgraph ${quote(clusterOf(state.path))} {`, ...indent([`graph${look}`, ...this.#contents(state)]), '}'];
  }

  /** What lies directly in a compound or parallel state: its states, its initial mark, and its transitions' labels. */
  #contents(state: GraphState): string[] {
    return [
      ...this.#initial(state),
      ...state.children.flatMap((path) => this.#state(this.#states.get(path)!)),
      ...this.#labelsIn(state.path),
    ];
  }

  #labelsIn(path: string): string[] {
    return this.#graph.transitions
      .filter((transition) => transition.kind !== 'internal' && this.#containerOf(transition) === path)
      .map((transition) => this.#label(transition));
  }

  #initial({ path, initial }: GraphState): string[] {
    if (!initial) return [];
    const look = { shape: 'circle', width: 0.13, height: 0.13, fixedsize: 'true', style: 'filled', label: '' };
    const label =
      initial.actions.length === 0
        ? undefined
        : `<${linesHtml(wrapRuns([{ text: `\u00a0/ ${initial.actions.join(', ')}`, colour: INK.action }], LABEL_WIDTH))}>`;
    const start = quote(startOf(path));
    return [
      `${start}${attributes({ ...look, fillcolor: INK.line, color: INK.line, tooltip: startOf(path) })}`,
      `${start} -> ${quote(this.#top(initial.target))}${attributes({
        lhead: this.#clusterIfAny(initial.target),
        label,
        tooltip: startOf(path),
      })}`,
    ];
  }

  #history({ path, name, history, historyDefault, description }: GraphState): string[] {
    const mark = this.#marks.states.get(path);
    const { box, line } = boxInk(mark);
    const sign = history === 'deep' ? 'H*' : 'H';
    const node = attributes({
      shape: 'ellipse',
      margin: '0.06,0.04',
      style: 'filled',
      fillcolor: box,
      color: line,
      penwidth: mark === undefined ? 1 : 2,
      label: `<${lineHtml([{ text: sign, bold: true }])}<BR/>${lineHtml([{ text: name, size: 9 }])}>`,
      id: nodeOf(path),
      class: classOf('state', mark),
      tooltip: description ?? path,
    });
    const edges = historyDefault.map(
      (target) =>
        `${quote(nodeOf(path))} -> ${quote(this.#top(target))}${attributes({
          lhead: this.#clusterIfAny(target, path),
          style: 'dashed',
          tooltip: 'when nothing is remembered',
        })}`,
    );
    return [`${quote(nodeOf(path))}${node}`, ...edges];
  }

  #box(state: GraphState): string {
    const mark = this.#marks.states.get(state.path);
    const { box, line } = boxInk(mark);
    const style = this.#isRegion(state) ? 'ROUNDED,DASHED' : 'ROUNDED';
    const border = mark === undefined ? 1 : 2;
    const outer = `BORDER="${border}" STYLE="${style}" COLOR="${line}" BGCOLOR="${box}"`;
    const inner = this.#table(
      state,
      state.kind === 'final'
        ? `BORDER="1" STYLE="ROUNDED" COLOR="${line}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4"`
        : `${outer} CELLBORDER="0" CELLSPACING="0" CELLPADDING="5"`,
    );
    const label =
      state.kind === 'final'
        ? `<TABLE ${outer} CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"><TR><TD>${inner}</TD></TR></TABLE>`
        : inner;
    return `${quote(nodeOf(state.path))}${attributes({
      label: `<${label}>`,
      // Where its contents are drawn elsewhere, it has its name there.
      id: state.contents === undefined ? nodeOf(state.path) : undefined,
      class: classOf('state', mark),
      tooltip: state.description ?? state.path,
    })}`;
  }

  /** A state's name above what it does on its own: entry, exit, invoked actors, and transitions that stay. */
  #table(state: GraphState, look: string): string {
    const lines = [
      ...stateLines(state).flatMap((text) => ownLines(text)),
      ...this.#graph.transitions
        .filter(({ source, kind }) => source === state.path && kind === 'internal')
        .flatMap((transition) => hanging(wrapRuns(this.#runs(transition), BOX_WIDTH))),
    ];
    const nested = state.children.length > 0;
    const name = state.path === ROOT ? this.#graph.name : state.name;
    const title: Run[][] = wrap(`${signIn(this.#marks.states.get(state.path))}${name}`, BOX_WIDTH).map((text) => [
      { text, bold: true, size: nested ? 12 : 11 },
    ]);
    if (state.kind === 'parallel') title.at(-1)!.push({ text: '  parallel', italic: true, colour: INK.faint });
    const head = `<TR><TD ALIGN="${nested ? 'LEFT' : 'CENTER'}">${linesHtml(title, nested ? 'LEFT' : 'CENTER')}</TD></TR>`;
    if (lines.length === 0) return `<TABLE ${look}>${head}</TABLE>`;
    const rule = nested ? '' : '<HR/>';
    const body = `<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="10">${linesHtml(lines)}</FONT></TD></TR>`;
    return `<TABLE ${look}>${head}${rule}${body}</TABLE>`;
  }

  #label(transition: GraphTransition): string {
    const mark = this.#marks.transitions.get(transition.id);
    const lines = linesHtml(wrapRuns(this.#runs(transition), LABEL_WIDTH));
    // One without a line that leads to it is the surrounding state's own: a box shows that it starts here.
    const border = this.#startsInside(transition)
      ? `BORDER="${mark === undefined ? 1 : 2}" STYLE="ROUNDED,DASHED" COLOR="${boxInk(mark).line}"`
      : 'BORDER="0"';
    const fill = mark === undefined ? '' : ` BGCOLOR="${boxInk(mark).box}"`;
    const table = `<TABLE ${border}${fill} CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"><TR><TD ALIGN="LEFT">${lines}</TD></TR></TABLE>`;
    return `${quote(labelOf(transition.id))}${attributes({
      label: `<${table}>`,
      fontsize: 10,
      id: labelOf(transition.id),
      class: classOf('transition', mark),
      tooltip: transition.description ?? transition.id,
    })}`;
  }

  #runs(transition: GraphTransition): Run[] {
    const { event, guard, actions, forbidden, reenter, id, of, between } = transition;
    const mark = this.#marks.transitions.get(id);
    const colour = mark === undefined ? undefined : boxInk(mark).line;
    return [
      { text: of === undefined ? '' : `from ${of}:`, italic: true, colour: INK.faint },
      { text: `${signIn(mark)}${event}`, bold: true, ...(colour !== undefined && { colour }) },
      { text: guard === null ? '' : `[${guard}]`, colour: INK.guard },
      { text: actions.length === 0 ? '' : `/ ${actions.join(', ')}`, colour: INK.action },
      { text: forbidden ? '(ignored)' : '', italic: true, colour: INK.faint },
      { text: reenter ? '(reenter)' : '', italic: true, colour: INK.faint },
      { text: between === undefined ? '' : `(${between})`, italic: true, colour: INK.faint },
    ];
  }

  #edges(transition: GraphTransition): string[] {
    const { id, source, targets, kind } = transition;
    if (kind === 'internal') return [];
    const mark = this.#marks.transitions.get(id);
    const look = {
      color: mark === undefined ? undefined : boxInk(mark).line,
      penwidth: mark === undefined ? undefined : 2,
      class: classOf('transition', mark),
      tooltip: transition.description ?? id,
    };
    const label = quote(labelOf(id));
    const isClusterLoop = !this.#isLeaf(source) && targets.every((target) => target === source);
    const from = isClusterLoop ? this.#lowest(source) : this.#bottom(source);
    const edges: string[] = [];
    const isLoop = targets.every((target) => this.#top(target) === from);
    const back = targets.every((target) => this.#order.get(this.#top(target))! <= this.#order.get(from)!);
    if (isClusterLoop && !isLoop) {
      // Room for the label between where the loop begins and where it ends: Graphviz ranks the inside of a cluster first.
      edges.push(`${quote(this.#top(source))} -> ${quote(from)}${attributes({ style: 'invis', minlen: 2 })}`);
    }
    if (!this.#startsInside(transition)) {
      const tail = this.#clusterIfAny(source, this.#containerOf(transition));
      edges.push(
        back && !isLoop
          ? `${label} -> ${quote(from)}${attributes({ ...look, dir: 'none', lhead: tail })}`
          : `${quote(from)} -> ${label}${attributes({ ...look, dir: 'none', ltail: tail })}`,
      );
    }
    for (const target of targets) {
      const head = this.#clusterIfAny(target, this.#containerOf(transition));
      const to = this.#top(target);
      edges.push(
        back && !this.#startsInside(transition)
          ? `${quote(to)} -> ${label}${attributes({ ...look, dir: 'back', ltail: head })}`
          : `${label} -> ${quote(to)}${attributes({ ...look, lhead: head })}`,
      );
    }
    return edges;
  }

  /** A transition of a cluster into itself: it has no way to come from the outside. */
  #startsInside(transition: GraphTransition): boolean {
    return !this.#isLeaf(transition.source) && isWithin(this.#containerOf(transition), transition.source);
  }

  /** The innermost state that contains both ends; of a transition that does not leave its source, the source. */
  #containerOf({ source, targets, kind }: GraphTransition): string {
    const ends = [source, ...targets];
    for (let at: string | null = source; at !== null; at = this.#states.get(at)!.parent) {
      const container = at;
      const contains = (end: string) =>
        isWithin(end, container) && (end !== container || (kind === 'local' && end === source));
      if (!this.#isLeaf(at) && ends.every(contains)) return at;
    }
    return ROOT;
  }

  #isLeaf(path: string): boolean {
    return this.#states.get(path)!.children.length === 0;
  }

  #isRegion({ parent }: GraphState): boolean {
    return parent !== null && this.#states.get(parent)!.kind === 'parallel';
  }

  /** The cluster at which an edge to or from this state ends, unless the edge comes from inside it. */
  #clusterIfAny(path: string, otherEnd?: string): string | undefined {
    if (this.#isLeaf(path) || path === ROOT) return undefined;
    return otherEnd !== undefined && isWithin(otherEnd, path) ? undefined : clusterOf(path);
  }

  /** The node that stands for a state as a target: in a cluster, the uppermost. */
  #top(path: string): string {
    const { children, initial } = this.#states.get(path)!;
    if (initial) return startOf(path);
    return children.length === 0 ? nodeOf(path) : this.#top(children[0]!);
  }

  /** The node that stands for a state as a source: in a cluster, the lowest. */
  #bottom(path: string): string {
    return this.#last(path, () => true);
  }

  /** The same for a loop. Nothing leads to a history state from inside: it stands at the top, where the loop ends. */
  #lowest(path: string): string {
    return this.#last(path, ({ kind }) => kind !== 'history');
  }

  #last(path: string, mayBe: (state: GraphState) => boolean): string {
    const inside = [...this.#states.values()].filter(
      (inner) => inner.children.length === 0 && isWithin(inner.path, path),
    );
    const candidates = inside.some(mayBe) ? inside.filter(mayBe) : inside;
    const leaves = candidates
      .map((inner) => nodeOf(inner.path))
      .sort((a, b) => this.#order.get(a)! - this.#order.get(b)!);
    return leaves.at(-1)!;
  }

  /**
   * The boxes from the top down: in each compound state, its states by their distance from the initial one; all of one
   * before all of the next, so that clusters can be compared as boxes are.
   */
  #leavesInOrder(state: GraphState): string[] {
    if (state.children.length === 0) return [nodeOf(state.path)];
    const childOf = (path: string) => state.children.find((child) => isWithin(path, child));
    const next = new Map<string, string[]>(state.children.map((child) => [child, []]));
    for (const { source, targets } of this.#graph.transitions) {
      const from = childOf(source);
      if (from !== undefined) next.get(from)!.push(...targets.flatMap((target) => childOf(target) ?? []));
    }
    const first = state.initial ? childOf(state.initial.target) : undefined;
    const ordered = new Set(first === undefined ? [] : [first]);
    for (const child of ordered) for (const follower of next.get(child)!) ordered.add(follower);
    for (const child of state.children) ordered.add(child);
    return [
      ...(state.initial ? [startOf(state.path)] : []),
      ...[...ordered].flatMap((child) => this.#leavesInOrder(this.#states.get(child)!)),
    ];
  }
}

// Names of nodes: whatever a state or an event is called, no two things get the same one.

function nodeOf(path: string): string {
  return `state ${path}`;
}

function startOf(path: string): string {
  return `initial state of ${path}`;
}

function labelOf(id: string): string {
  return `transition ${id}`;
}

function clusterOf(path: string): string {
  return `cluster ${path}`;
}

function classOf(what: string, mark: Mark | undefined): string {
  return mark === undefined ? what : `${what} ${mark}`;
}

/** Colour alone does not tell the missed ones from the others. */
function signIn(mark: Mark | undefined): string {
  return mark === 'uncovered' || mark === 'unreachable' ? signOf(mark) : '';
}

function ownLines(text: string): Run[][] {
  const [, keyword, rest] = /^(entry|exit|invoke|tags:|output:|\d+ alike|\d+ inside, below)(.*)$/s.exec(text)!;
  return hanging(
    wrap(text, BOX_WIDTH).map((line, index): Run[] =>
      index === 0 && line.startsWith(keyword!) && rest !== undefined
        ? [
            { text: keyword!, italic: true, colour: INK.faint },
            { text: line.slice(keyword!.length), colour: INK.action },
          ]
        : [{ text: line, colour: INK.action }],
    ),
  );
}

/** All lines but the first are indented. */
function hanging(lines: readonly Run[][]): Run[][] {
  return lines.map((line, index) => (index === 0 ? line : [{ text: '\u00a0\u00a0\u00a0' }, ...line]));
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
