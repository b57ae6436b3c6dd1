/**
 * What a function looks at in snapshots and contexts, as questions with answers: `matches(waiting)` is true, `context.room` is 0.
 *
 * It is given stand-ins that answer as the real things do. An object is asked for its members; what counts as an answer is where
 * that ends, at a value that is no object.
 */
import type { AnyMachineSnapshot } from 'xstate';
import type { Envelope, SystemView } from '../system/property.ts';
import { valueText } from '../trace/words.ts';

export interface Read {
  /** The actor or channel. */
  readonly of: string;
  readonly question: string;
  readonly answer: string;
}

/** A view that notes what is asked, each question once, in the order in which they were asked first. */
export function observedView(view: SystemView, reads: Read[]): SystemView {
  return {
    get: (name) => observedSnapshot(view.get(name), noteOf(name, reads)),
    channel: (name) => observed(view.channel(name), name, noteOf(name, reads)) as readonly Envelope[],
  };
}

/** A context that notes what is asked, as `context.room`. */
export function observedContext<T>(context: T, reads: Read[]): T {
  return observed(context, 'context', noteOf('', reads)) as T;
}

/** Those that tell something: not how long a list is, or what keys there are, where the members were asked for as well. */
export function tellingReads(reads: readonly Read[]): Read[] {
  const isAskedFor = (start: string) => reads.some(({ question }) => question.startsWith(start));
  return reads.filter(({ question }) => {
    if (question.endsWith('.length')) return !isAskedFor(question.replace(/\.length$/, '['));
    return !question.startsWith('keys of ') || !isAskedFor(question.replace(/^keys of /, '').concat('.'));
  });
}

type Note = (question: string, answer: unknown) => void;

function noteOf(of: string, reads: Read[]): Note {
  return (question, answer) => {
    if (reads.some((read) => read.of === of && read.question === question)) return;
    reads.push({ of, question, answer: valueText(answer) });
  };
}

const ASKING: ReadonlySet<PropertyKey> = new Set(['matches', 'hasTag', 'can']);
const TOLD: ReadonlySet<PropertyKey> = new Set(['value', 'context', 'output']);

function observedSnapshot(snapshot: AnyMachineSnapshot, note: Note): AnyMachineSnapshot {
  return new Proxy({ ...snapshot } as AnyMachineSnapshot, {
    get(_, key) {
      const value: unknown = Reflect.get(snapshot, key);
      if (ASKING.has(key) && typeof value === 'function') {
        return (asked: unknown) => {
          const answer: unknown = value.call(snapshot, asked);
          note(`${String(key)}(${valueText(asked)})`, answer);
          return answer;
        };
      }
      if (TOLD.has(key)) return observed(value, String(key), note);
      if (key === 'status') note('status', value);
      return value;
    },
  });
}

function observed(value: unknown, path: string, note: Note): unknown {
  if (typeof value !== 'object' || value === null) {
    note(path, value);
    return value;
  }
  // Of a copy that is not frozen, for a proxy must tell the truth about what can never change, and stand-ins are not it.
  const copy = Array.isArray(value) ? [...value] : { ...value };
  return new Proxy(copy, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof key === 'symbol' || typeof member === 'function') return member;
      return observed(member, Array.isArray(value) && key !== 'length' ? `${path}[${key}]` : `${path}.${key}`, note);
    },
    has(target, key) {
      const answer = Reflect.has(target, key);
      // Of an array it is asked by all that go through it.
      if (typeof key === 'string' && !Array.isArray(target)) note(`${key} in ${path}`, answer);
      return answer;
    },
    ownKeys(target) {
      if (!Array.isArray(target)) note(`keys of ${path}`, Object.keys(target));
      return Reflect.ownKeys(target);
    },
  });
}
