/**
 * A mutant is the code with one small mistake in it, of the kind that somebody might make; a test suite is as good as the
 * mutants that it kills. The mistakes are chosen by hand, line by line (`list/`): what they break is said in a few words.
 *
 * A mutation is anchored on text that occurs exactly once in its file, so that it survives changes elsewhere; when the text
 * is gone, the mutant is broken and has to be written anew: it is never skipped in silence.
 */
import ts from 'typescript';

export interface Mutant {
  /** What the mistake is. */
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** The test files that should notice. */
  readonly tests: readonly string[];
  /** Of these, only the tests whose name matches. */
  readonly only?: string;
  /** Why no test can notice, or need not. */
  readonly survives?: string;
}

export type Options = Partial<Pick<Mutant, 'tests' | 'only' | 'survives'>>;

/** Mutants of one file, by what is wrong: the text that goes, the text that comes, and what differs from the other ones. */
export function mutantsOf(
  file: string,
  tests: readonly string[],
  mistakes: Readonly<Record<string, readonly [from: string, to: string, options?: Options]>>,
): Mutant[] {
  return Object.entries(mistakes).map(([name, [from, to, options]]) => ({ name, file, from, to, tests, ...options }));
}

/** The mutant cannot be made. */
export class Broken extends Error {}

type Change = Pick<Mutant, 'file' | 'from' | 'to'>;

/**
 * The text of a mutant, whether it compiles or not.
 *
 * @throws Broken
 */
export function replaced(source: string, { from, to }: Change): string {
  const count = source.split(from).length - 1;
  if (count !== 1) throw new Broken(count === 0 ? 'text not found' : `text found ${count} times`);
  if (from === to) throw new Broken('changes nothing');
  return source.replace(from, () => to);
}

/** @throws Broken */
export function mutated(source: string, change: Change): string {
  const { file } = change;
  const text = replaced(source, change);
  const { diagnostics = [] } = ts.transpileModule(text, { fileName: file, reportDiagnostics: true });
  const [error] = diagnostics;
  if (error) throw new Broken(`does not compile: ${ts.flattenDiagnosticMessageText(error.messageText, ' ')}`);
  return text;
}

/** What a test run said: of vitest's JSON report, what is of interest here. */
export interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly name: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

export type Outcome = { readonly kind: 'killed' | 'survived' | 'broken'; readonly why: string };

/**
 * @param report undefined when the run wrote none: it crashed
 * @param status undefined when the run was ended because it took too long
 */
export function outcomeOf(report: Report | undefined, status: number | null | undefined): Outcome {
  if (status === undefined) return { kind: 'killed', why: 'the tests did not end' };
  if (!report) return { kind: 'killed', why: `the test run crashed with status ${status}` };
  const failed = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter((result) => result.status === 'failed'),
  );
  if (failed[0]) return { kind: 'killed', why: failed[0].fullName };
  const suite = report.testResults.find((result) => result.status === 'failed');
  if (suite) return { kind: 'killed', why: suite.message?.split('\n')[0] || suite.name };
  if (status !== 0) return { kind: 'killed', why: `the test run ended with status ${status}` };
  if (report.numPassedTests === 0) return { kind: 'broken', why: 'no such test' };
  return { kind: 'survived', why: `${report.numPassedTests} tests passed` };
}

export interface Tried {
  readonly mutant: Mutant;
  readonly outcome: Outcome;
}

/** The part of all mutants that tests must kill. */
export const KILLED_MIN = 0.9;

export interface Totals {
  readonly killed: number;
  readonly survived: number;
  readonly broken: number;
  /** Survivors without a reason. */
  readonly unlisted: number;
  /** Killed ones that are listed as survivors: the list is out of date. */
  readonly listedButKilled: number;
  readonly score: number;
  readonly isGood: boolean;
}

export function totalsOf(tried: readonly Tried[]): Totals {
  const count = (test: (one: Tried) => boolean) => tried.filter(test).length;
  const killed = count(({ outcome }) => outcome.kind === 'killed');
  const survived = count(({ outcome }) => outcome.kind === 'survived');
  const broken = count(({ outcome }) => outcome.kind === 'broken');
  const unlisted = count(({ outcome, mutant }) => outcome.kind === 'survived' && mutant.survives === undefined);
  const listedButKilled = count(({ outcome, mutant }) => outcome.kind === 'killed' && mutant.survives !== undefined);
  const score = killed + survived === 0 ? 0 : killed / (killed + survived);
  const isGood = score >= KILLED_MIN && unlisted === 0 && broken === 0 && tried.length > 0;
  return { killed, survived, broken, unlisted, listedButKilled, score, isGood };
}
