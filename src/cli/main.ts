#!/usr/bin/env node
/** The composition root: the one place that puts the catalogue and the command line together. */
import { catalogue } from '../../machines/scenarios/index.ts';
import { runProcess } from './process.ts';

await runProcess({ catalogue, showcase: 'pri-overflow' });
