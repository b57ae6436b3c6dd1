/**
 * A report: what was checked, what came out, and every trace to be stepped through, as one HTML file that needs nothing
 * else. It is plain data here; `page.ts` writes it.
 */
import type { Coverage } from '../diagram/marks.ts';
import type { ParameterValues } from '../system/parameters.ts';
import type { System } from '../system/system.ts';
import type { Bound, Verdict } from '../system/verdict.ts';
import type { Trace } from '../trace/trace.ts';

export interface Report {
  readonly title: string;
  /** What to type to get it again. */
  readonly command: string;
  /** When it was made, in words; left out where two reports are to be compared. */
  readonly date?: string;
  readonly versions: readonly { readonly name: string; readonly version: string }[];
  readonly scenarios: readonly ReportScenario[];
}

export interface ReportScenario {
  readonly name: string;
  readonly title: string | null;
  /** What it belongs to; null for a plain system. */
  readonly group: string | null;
  readonly sources: readonly string[];
  readonly parameters: readonly ReportParameter[];
  readonly results: readonly ReportResult[];
}

export interface ReportParameter {
  readonly name: string;
  readonly value: string;
  readonly isDefault: boolean;
  readonly description: string;
  /** The values that it may have, in words. */
  readonly range: string;
}

export interface ReportResult {
  /** Null for a plain system. */
  readonly variant: string | null;
  readonly title: string | null;
  /** Undefined when not even the system could be built. */
  readonly system: System | undefined;
  readonly parameters: ParameterValues;
  readonly verdict: Verdict;
  /** The properties are those that a fault has to violate; `numbers` are pinned ones, where others came out. */
  readonly expected: {
    readonly verdict: string;
    readonly properties: readonly string[];
    readonly numbers: string | null;
  } | null;
  readonly asExpected: boolean | null;
  readonly property: string | null;
  readonly deadEnd: boolean;
  readonly bound: Bound | null;
  /** Where states were kept by less than themselves: the chance that one was missed. */
  readonly missProbability?: number | null;
  readonly growth: readonly { readonly name: string; readonly kind: string; readonly field: string | null }[] | null;
  /** What made the search slow. */
  readonly costly: readonly {
    readonly name: string;
    readonly kind: string;
    readonly values: number;
    readonly advice: string;
  }[];
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
  readonly search: string;
  readonly states: number;
  readonly steps: number;
  readonly depth: number;
  readonly seconds: number;
  readonly properties: readonly { readonly name: string; readonly kind: string; readonly status: string }[];
  /** Where all were looked for: each violated property with the length of its trace and the line that runs it; that of `property` first. */
  readonly violations?:
    | readonly { readonly property: string; readonly length: number | null; readonly replay: string | null }[]
    | null;
  readonly trace: Trace | null;
  /** Why the trace ends as it does: paragraphs with what is listed below them. */
  readonly explanation?: readonly { readonly head: string; readonly items: readonly string[] }[];
  /** The whole line that runs the trace again. */
  readonly replay: string | null;
  /** The trace as a picture, where there is one: an SVG. */
  readonly chart?: string;
  /** What the search has covered, by actor or machine; without it, it is told what the traces went through. */
  readonly coverage?: Coverage;
}
