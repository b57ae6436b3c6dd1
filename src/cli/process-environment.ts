/** The environment of a real process: for the thread of the command, and for the keeper when it has the last word. */
import { createRequire } from 'node:module';
import type { Environment } from './environment.ts';
import { readMachines } from './machine-pages.ts';
import { DescriptorOutput } from './output.ts';
import type { Screen } from './screen.ts';

export function processEnvironment(
  screen: Screen,
  given: Pick<Environment, 'catalogue' | 'studies' | 'showcase' | 'searcher' | 'simulator' | 'interruptible'>,
): Environment {
  return {
    ...given,
    machines: readMachines,
    version: packageVersion(),
    stdout: new DescriptorOutput(1, screen),
    stderr: new DescriptorOutput(2, screen),
    variables: process.env,
  };
}

function packageVersion(): string {
  // By its own name, because the way up to package.json is longer from dist than from src.
  return (createRequire(import.meta.url)('faultline/package.json') as { version: string }).version;
}
