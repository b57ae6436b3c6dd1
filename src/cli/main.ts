#!/usr/bin/env node
import { Keeper } from './keeper.ts';

new Keeper(process.argv.slice(2)).start();
