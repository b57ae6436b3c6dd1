/** Whose mistake an exception is that nobody caught: of the user's module, or ours. */
import { fileURLToPath } from 'node:url';
import { stackOf, textOf } from '../system/errors.ts';
import { EXIT } from '../system/verdict.ts';
import type { UserModule } from './news.ts';

/** Our own files lie below: of the package, or of its sources. */
const OWN = fileURLToPath(new URL('../..', import.meta.url));

/** The frames of a stack that are nobody's library: from the inside to the outside. */
function framesOf(error: unknown): string[] {
  const frames = stackOf(error)
    .split('\n')
    .filter((line) => line.startsWith('    at ') && !line.includes('node:'));
  return frames.map((frame) => frame.trim()).filter((frame) => isOurs(frame) || !frame.includes('node_modules'));
}

function isOurs(frame: string): boolean {
  return frame.includes(OWN) && !frame.slice(frame.indexOf(OWN) + OWN.length).includes('node_modules');
}

/** The place in a user's module that threw; undefined when the exception is our own. */
export function placeOfMistake(error: unknown, modules: readonly UserModule[]): string | undefined {
  const [inner] = framesOf(error);
  return modules.length > 0 && inner !== undefined && !isOurs(inner) ? inner : undefined;
}

/** What a user's module threw outside of every step, and where; undefined when the exception is our own. */
function lateMistake(error: unknown, modules: readonly UserModule[]): string | undefined {
  const frames = framesOf(error);
  const place = frames.find((frame) => !isOurs(frame));
  const module = modules.at(-1);
  if (!module || (place === undefined && frames.length > 0)) return undefined;
  const where = place === undefined ? '' : `  ${place}\n`;
  return `the module ${module.path} threw outside of every step: ${textOf(error)}\n${where}`;
}

/** Says what was thrown after everything that could catch it was over, and gives the status for it. */
export function explainLate(error: unknown, modules: readonly UserModule[], say: (text: string) => void): number {
  const mistake = lateMistake(error, modules);
  if (mistake === undefined) return explainBug(error, say);
  say(`faultline: the model is wrong (exception): ${mistake}`);
  return EXIT.model;
}

let isTolerant = false;

/**
 * From now on what a module does in the background may fail: that is said, and the command goes on. For what needs no more than what the
 * module has exported, as a drawing does.
 */
export function tolerateLate(modules: readonly UserModule[], say: (text: string) => void): void {
  if (isTolerant) return;
  isTolerant = true;
  process.on('uncaughtException', (error) => {
    const mistake = lateMistake(error, modules);
    if (mistake === undefined) throw error;
    say(`faultline: ${mistake}  that is its own affair: what it exports is drawn all the same\n`);
  });
}

export function explainBug(error: unknown, say: (text: string) => void): number {
  // Whose package manager installs no peers by itself.
  if (/^Cannot find package 'xstate' imported from /.test(textOf(error))) {
    say(`faultline: xstate, which it runs on, is not installed: ${textOf(error)}\n  npm install xstate@5\n`);
    return EXIT.usage;
  }
  say(`faultline: this is a bug in faultline, please report it:\n${stackOf(error) || textOf(error)}\n`);
  return EXIT.internal;
}
