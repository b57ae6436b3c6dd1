/** `faultline/diagram`: pictures and graphs of machines and of systems, without a browser. */
export { type DiagramDocument, diagramSchema } from '../diagram/diagram-json.ts';
export { foldFamilies } from '../diagram/fold-families.ts';
export { type FoldedMachine, foldMachine } from '../diagram/fold-machine.ts';
export {
  type GraphState,
  type GraphTransition,
  type MachineGraph,
  machineGraph,
  transitionsOf,
} from '../diagram/machine-graph.ts';
export { type Coverage, coverageMarks, coverageSchema, highlight, type Marks } from '../diagram/marks.ts';
export { DIAGRAM_FORMATS, type DiagramFormat, type RenderOptions, renderDiagram } from '../diagram/render.ts';
export { type DrawnStates, renderStateGraph, type StatePictureOptions } from '../diagram/state-picture.ts';
export { type SystemGraph, systemGraph } from '../diagram/system-graph.ts';
