/** A worker thread of the search. */
import { runPart } from '../src/explore/part.ts';

export default runPart;
