/** The folder in which the tests of one run find the command line in JavaScript. */
import type { TestProject } from 'vitest/node';
import { shareBuild } from './built.ts';

export default function setup(project: TestProject): () => void {
  const { empty, remove } = shareBuild();
  // While vitest watches, the sources change.
  project.onTestsRerun(async () => empty());
  return remove;
}
