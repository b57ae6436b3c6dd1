/** `faultline/machines`: the catalogue of scenarios. */
export { catalogue } from './scenarios/index.ts';
