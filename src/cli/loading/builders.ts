/**
 * Functions that a module exports: which may be called, and how.
 *
 * A function may do anything, so it is called without being asked for only if it can be seen to build something. What looks like a
 * component or a hook of React is never called: it would fail, and say nothing about machines.
 */
import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { tellPhase } from '../news.ts';
import { moduleError } from './import-module.ts';
import { stub } from './stub.ts';

type Build = (...values: readonly unknown[]) => unknown;

/** Whether it is called although nobody named it. */
export function isBuilder(name: string, value: unknown): value is Build {
  if (typeof value !== 'function' || value.length > 0) return false;
  if (isComponent(name, value) || isNamedAsComponent(name, value)) return false;
  return name === 'default' || builds(value);
}

/** Whether it builds something out of values that nobody gives it. */
export function needsValues(value: unknown): boolean {
  return typeof value === 'function' && value.length > 0 && builds(value);
}

function builds(value: object): boolean {
  return /\b(createMachine|createStateMachine|define(System|Scenario|Study))\b/.test(sourceOf(value));
}

/** A class, a component or a hook of React, as far as can be seen. */
function isComponent(name: string, value: Named): boolean {
  const source = sourceOf(value);
  if (/^class\b/.test(source) || /\b_?jsx(s|DEV)?\(|\bcreateElement\(/.test(source)) return true;
  return isNamedAsComponent(name, value) && !builds(value);
}

function isNamedAsComponent(name: string, value: Named): boolean {
  return /^([A-Z]|use[A-Z])/.test(name === 'default' ? value.name : name);
}

interface Named {
  readonly name: string;
}

function sourceOf(value: object): string {
  return Function.prototype.toString.call(value);
}

/** What a function of a module is called with, if it is. */
export interface Call {
  readonly path: string;
  readonly name: string;
  /** Gives stubs for the values that it takes. */
  readonly stubMissing?: boolean | undefined;
}

/**
 * What a function of a module builds.
 *
 * @throws UsageError when it may not be called, or takes values; ModelError when it throws
 */
export async function callBuilder(value: Build, { path, name, stubMissing }: Call): Promise<unknown> {
  if (isComponent(name, value)) {
    throw new UsageError(
      `${name} of ${path} is a component, a hook or a class, which is not called`,
      'export the machine itself: export const machine = createMachine({ … })',
    );
  }
  if (value.length > 0 && !stubMissing) {
    const imported = name === 'default' ? 'build' : `{ ${name} }`;
    const from = `./${path.replace(/^.*[/\\]/, '')}`;
    throw new UsageError(
      `${name}() of ${path} needs ${value.length === 1 ? 'an argument' : `${value.length} arguments`}`,
      [
        'export what it builds from a module beside it, and name that one:',
        `  import ${imported} from '${from}';`,
        `  export const made = ${name === 'default' ? 'build' : name}(…);`,
        'for a drawing, --stub-missing gives it stubs',
      ].join('\n'),
    );
  }
  tellPhase(`running ${name}() of ${path}`);
  const values = Array.from({ length: value.length }, (_, index) => stub(`argument${index + 1}`));
  try {
    return await value(...values);
  } catch (error) {
    throw moduleError(error, `${name}() of ${path} threw`, resolve(path));
  }
}
