/**
 * From a path of representatives to a path of the system itself.
 *
 * A reduced search knows, of each state, only the smallest image. Every step from a representative to the next one's orbit
 * is also a step from any of its images, so a path can be followed from the initial state by the first step that stays in the
 * right orbits; and its images are paths, too, for the initial state is its own image.
 */
import { isSame } from '../tabulate/ints.ts';
import { findStep, type Path, type PathStep } from '../tabulate/path.ts';
import type { Walker } from '../tabulate/walker.ts';
import type { Symmetry } from './symmetry.ts';

/**
 * @param representatives those of the states along the path, the initial one first
 * @param isEnd which state of the last orbit the path must end in; any, when it is left out
 * @throws ModelError `not-symmetric` when a step that the search had not come to shows that the system is not symmetric
 */
export function concretePath(
  symmetry: Symmetry,
  walker: Walker,
  representatives: readonly Int32Array[],
  isEnd: (state: Int32Array) => boolean = () => true,
): Path {
  const [initial, ...later] = representatives as [Int32Array, ...Int32Array[]];
  const scratch = new Int32Array(initial.length);
  const steps: PathStep[] = [];
  let at = initial;
  for (const representative of later) {
    const step = stepInto(walker, at, ({ current }) => {
      scratch.set(current);
      symmetry.canonicalise(scratch);
      return isSame(scratch, representative);
    });
    steps.push(step);
    at = step.state;
  }
  for (let element = 0; element < symmetry.size; element++) {
    if (!isEnd(symmetry.image(element, at))) continue;
    if (element === 0) return { initial, steps, failed: false };
    return imagePath(symmetry, walker, initial, steps, element);
  }
  throw new Error('no state of the last orbit is what the search found in it');
}

/** The image of a path: the same steps, of the things with the other names. */
function imagePath(
  symmetry: Symmetry,
  walker: Walker,
  initial: Int32Array,
  steps: readonly PathStep[],
  element: number,
): Path {
  const images: PathStep[] = [];
  let at = initial;
  for (const { state } of steps) {
    const target = symmetry.image(element, state);
    const step = stepInto(walker, at, ({ current }) => isSame(current, target));
    images.push(step);
    at = step.state;
  }
  return { initial, steps: images, failed: false };
}

function stepInto(walker: Walker, from: Int32Array, wanted: (walker: Walker) => boolean): PathStep {
  const step = findStep(walker, from, wanted);
  if (!step) throw new Error('a step of the reduced search has no counterpart in the system');
  return step;
}
