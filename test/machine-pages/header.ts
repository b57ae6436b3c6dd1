/** What the documentation of a machine says, taken apart: in one line, in full, what it leaves out, and what it cites. */
import { isLaidOut } from '../../src/cli/machines-text.ts';

export interface Documentation {
  /** The first sentence of the file, and of the machine where it has one of its own; without remarks in brackets. */
  readonly summary: string;
  /** Paragraphs, but for those of `simplifications`. */
  readonly description: string[];
  readonly simplifications: string[];
}

/**
 * @param header the docstring of the file
 * @param own that of the machine, where a file has several
 */
export function documentationOf(header: string, own: string): Documentation {
  const described = [header, own].map((text) => paragraphsOf(text).filter((paragraph) => !SIMPLIFIED.test(paragraph)));
  return {
    summary: described.flatMap(([first]) => (first === undefined ? [] : [firstSentence(first)])).join('. '),
    description: described.flat(),
    simplifications: paragraphsOf(`${header}\n\n${own}`)
      .filter((paragraph) => SIMPLIFIED.test(paragraph))
      .map((paragraph) => capitalised(paragraph.replace(SIMPLIFIED, ''))),
  };
}

const SIMPLIFIED = /^(?:Simplifications?|Simplified):?\s+/;

function paragraphsOf(text: string): string[] {
  return text
    .split(/\n\s*\n/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => (isLaidOut(paragraph) ? paragraph : paragraph.replaceAll(/\s*\n\s*/g, ' ').trim()));
}

function firstSentence(paragraph: string): string {
  const [, sentence = paragraph] = /^(.*?)[.:](?=\s+[A-Z`]|\s*$)/s.exec(paragraph) ?? [];
  return sentence.replaceAll(/\s+\((?:[^()]|\(\))*\)/g, '');
}

/** But for what begins with a name. */
function capitalised(text: string): string {
  return /^[a-z]+[ ,;]/.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text;
}

export interface Citations {
  readonly files: string[];
  readonly functions: string[];
  readonly sections: string[];
  readonly versions: string[];
  readonly commits: string[];
}

/** What comments cite of kernels and specifications, each once, in the order in which it comes. */
export function citationsOf(comments: string): Citations {
  const all = (pattern: RegExp) => [...new Set([...comments.matchAll(pattern)].map(([found]) => found))];
  return {
    files: all(/(?<![\w./-])[a-z][\w-]*(?:\/[\w-]+)*\.[ch]\b/g),
    functions: all(/(?<![\w.])(?:__)?[a-z][a-z\d_]*\(\)/g),
    sections: [...new Set([...comments.matchAll(SECTIONS)].flatMap(sectionsOf))],
    versions: all(/(?<![\w./-])v\d+\.\d+(?:\.\d+)?\b(?!\.ts)/g),
    commits: all(/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12}\b/g),
  };
}

const SECTIONS =
  /\b(SMMUv3|PCIe|VT-d|AMD I\/O Virtualization Technology|ATS|PRI)(?: specification)?(?: r?[\d.]+| [A-Z]\.[a-z])?,? ?(?:\s*sections?)?\s+(\d+(?:\.\d+)+(?:(?:,|,? and|,? to)\s+\d+(?:\.\d+)+)*)/g;

function sectionsOf([, specification, numbers]: RegExpExecArray): string[] {
  return [...numbers!.matchAll(/\d+(?:\.\d+)+/g)].map(([number]) => `${specification} ${number}`);
}
