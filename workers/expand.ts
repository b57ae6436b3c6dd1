/** A worker thread of the search. */
import { expandPart } from '../src/explore/expand-part.ts';

export default expandPart;
