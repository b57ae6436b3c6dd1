/** What `check --coverage` prints: a table of machines, then what was never seen, and what is known of the reason. */
import type { FullCoverageDocument, FullMachineDocument } from '../coverage/document.ts';
import type { Look } from './check-text.ts';
import type { CheckResultDocument } from './documents.ts';
import { table } from './table.ts';
import { plural } from './text.ts';

interface Share {
  readonly reached: number;
  readonly all: number;
}

const HEAD = ['machine', 'states', 'transitions', 'guard outcomes', 'messages'];

/** @param results of the searches that it is the coverage of */
export function coverageText(
  { machines }: FullCoverageDocument,
  results: readonly CheckResultDocument[],
  { colours }: Look,
): string {
  const entries = Object.entries(machines);
  if (entries.length === 0) return 'coverage: no system was searched';
  const shares = entries.map(([name, machine]) => ({ name, shares: sharesOf(machine) }));
  const total = HEAD.slice(1).map((_, column): Share => {
    const all = shares.map(({ shares }) => shares[column]!);
    return { reached: sum(all.map(({ reached }) => reached)), all: sum(all.map(({ all }) => all)) };
  });
  const rows = [
    ...shares.map(({ name, shares }) => [name, ...shares.map(shareText)]),
    ['all together', ...total.map(shareText)],
  ];
  const searched = results.filter(({ coverage }) => coverage !== null);
  const unfinished = searched.filter(({ coverage }) => !coverage!.complete).length;
  const sections = [
    `${colours.bold('coverage')} of ${plural(entries.length, 'machine')} in ${plural(searched.length, 'system')}`,
    table(HEAD.map(colours.dim), rows, [1, 2, 3, 4]),
    ...missing('Unreachable, as all searches with the machine came to their end:', entries, true),
    ...missing(`Not reached, but ${unfinishedText(unfinished, searched.length)}:`, entries, false),
    ...premisesText(searched),
  ];
  return sections.join('\n\n');
}

function sharesOf({ states, transitions, guards, messages, unreached }: FullMachineDocument): readonly Share[] {
  const share = (reached: number, missing: number): Share => ({ reached, all: reached + missing });
  const outcomes = (list: FullMachineDocument['guards']) => sum(list.map(({ outcomes }) => outcomes.length));
  return [
    share(states.length, unreached.states.length),
    share(transitions.length, unreached.transitions.length),
    share(outcomes(guards), outcomes(unreached.guards)),
    share(messages.length, unreached.messages.length),
  ];
}

function shareText({ reached, all }: Share): string {
  return all === 0 ? '-' : `${reached} of ${all}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function unfinishedText(unfinished: number, searches: number): string {
  if (searches === 1) return 'the search stopped before it had seen all states';
  return `${unfinished} of ${searches} searches stopped before they had seen all states, some with the machine`;
}

function missing(title: string, entries: readonly [string, FullMachineDocument][], proven: boolean): string[] {
  const lines = entries.flatMap(([name, { unreached }]) =>
    unreached.proven === proven ? missingLines(unreached).map((line) => `  ${name}: ${line}`) : [],
  );
  return lines.length === 0 ? [] : [[title, ...lines].join('\n')];
}

function missingLines({ states, transitions, guards, messages }: FullMachineDocument['unreached']): string[] {
  const never = new Set(transitions);
  return [
    ...states.map((path) => `state ${path}`),
    ...transitions.map((id) => `transition ${id}`),
    // A guard that lets a transition happen never need not be named beside it.
    ...guards.flatMap(({ transition, guard, outcomes }) => {
      if (never.has(transition)) return [];
      return outcomes.map((outcome) => `guard ${guard} of ${transition} is never ${outcome}`);
    }),
    ...messages.map((type) => `message ${type}`),
  ];
}

function premisesText(results: readonly CheckResultDocument[]): string[] {
  const lines = results.flatMap(({ scenario, variant, coverage }) =>
    coverage!.premises
      .filter(({ reached }) => reached === false)
      .map(({ property, kind }) => `  ${[scenario, variant].filter(Boolean).join(' ')}: ${kind} "${property}"`),
  );
  return lines.length === 0 ? [] : [['Properties whose premise never occurred:', ...lines].join('\n')];
}
