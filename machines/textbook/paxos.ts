/**
 * Paxos for one decision, as servers of a register that can be written once: each client asks a server to write a value, the server becomes a
 * leader and puts it to the vote, and when the client has its answer it reads from another server.
 *
 * A leader *prepares*: it asks the others to take part in no ballot before its own, and to say what they have accepted. With the promises of a
 * majority, its own included, it puts the proposal of the highest ballot among these to the vote, or that of its client if there is none; what
 * a majority *accepts* is *decided*. A ballot is a round and the name of its leader.
 *
 * What nobody has a use for stays in the network for ever: a promise for another ballot, a second answer, a read that nobody can answer yet.
 *
 * Known counts: Stateright finds 16,668 states for two clients and three servers, and 1,194,428 for three clients (its example paxos).
 */
import { assign, enqueueActions, sendTo, setup } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { linearizable } from '../parts/linearizable.ts';
import { names } from '../parts/names.ts';
import { isReadFrom, type Request, registerClient } from '../parts/register.ts';

const SERVERS = names('server', 3);
const MAJORITY = 2;

interface Ballot {
  round: number;
  leader: string;
}

/** A value that somebody wants to be written. */
interface Proposal {
  by: string;
  value: string;
}

/** What a server has accepted, and when. */
type Vote = { ballot: Ballot; proposal: Proposal } | null;

type Protocol =
  | { type: 'PREPARE'; ballot: Ballot }
  | { type: 'PREPARED'; ballot: Ballot; by: string; accepted: Vote }
  | { type: 'ACCEPT'; ballot: Ballot; proposal: Proposal }
  | { type: 'ACCEPTED'; ballot: Ballot; by: string }
  | { type: 'DECIDED'; ballot: Ballot; proposal: Proposal };

interface Input {
  name: string;
  peers: readonly string[];
}

interface Server extends Input {
  ballot: Ballot;
  proposal: Proposal | null;
  /** By server, what it had accepted when it promised to take part in no earlier ballot. */
  prepared: Readonly<Record<string, Vote>>;
  /** Who has accepted the proposal. */
  accepts: readonly string[];
  accepted: Vote;
}

function compare(one: Ballot, other: Ballot): number {
  if (one.round !== other.round) return one.round - other.round;
  return one.leader < other.leader ? -1 : Number(one.leader > other.leader);
}

/** What both servers are made of. */
const paxosServerParts = setup({
  types: { context: {} as Server, input: {} as Input, events: {} as Request | Protocol },
  guards: {
    hasNoProposal: ({ context }) => context.proposal === null,
    isLater: ({ context, event }) => event.type === 'PREPARE' && compare(event.ballot, context.ballot) > 0,
    isNotEarlier: ({ context, event }) => event.type === 'ACCEPT' && compare(event.ballot, context.ballot) >= 0,
    isOwn: ({ context, event }) => 'ballot' in event && compare(event.ballot, context.ballot) === 0,
    completesPromises: ({ context, event }) =>
      event.type === 'PREPARED' &&
      compare(event.ballot, context.ballot) === 0 &&
      Object.keys(context.prepared).length + 1 === MAJORITY,
  },
  actions: {
    lead: assign(({ context, event }) => {
      if (event.type !== 'PUT') return {};
      return {
        proposal: { by: event.by, value: event.value },
        ballot: { round: context.ballot.round + 1, leader: context.name },
        prepared: { [context.name]: context.accepted },
        accepts: [],
      };
    }),
    prepare: enqueueActions(({ enqueue, context: { peers, ballot } }) => {
      for (const peer of peers)
        enqueue.sendTo(
          ({ system }) => system.get(peer),
          () => ({ type: 'PREPARE', ballot }),
        );
    }),
    follow: assign({ ballot: ({ context, event }) => ('ballot' in event ? event.ballot : context.ballot) }),
    promise: sendTo(
      ({ system, context }) => system.get(context.ballot.leader),
      ({ context: { ballot, name, accepted } }) => ({ type: 'PREPARED', ballot, by: name, accepted }),
    ),
    notePromise: assign({
      prepared: ({ context, event }) =>
        event.type === 'PREPARED' ? { ...context.prepared, [event.by]: event.accepted } : context.prepared,
    }),
    /** Makes the proposal of the highest ballot among the promises its own, if there is one. */
    adoptAccepted: assign({
      proposal: ({ context: { prepared, proposal } }) => {
        const votes = Object.values(prepared).filter((vote) => vote !== null);
        return votes.sort((one, other) => compare(other.ballot, one.ballot))[0]?.proposal ?? proposal;
      },
    }),
    propose: assign(({ context: { name, ballot, proposal } }) => ({
      accepted: { ballot, proposal: proposal! },
      accepts: [name],
    })),
    putToVote: enqueueActions(({ enqueue, context: { peers, ballot, proposal } }) => {
      for (const peer of peers)
        enqueue.sendTo(
          ({ system }) => system.get(peer),
          () => ({ type: 'ACCEPT', ballot, proposal }),
        );
    }),
    accept: assign({
      accepted: ({ context, event }) =>
        'proposal' in event ? { ballot: event.ballot, proposal: event.proposal } : context.accepted,
    }),
    vote: sendTo(
      ({ system, context }) => system.get(context.ballot.leader),
      ({ context: { ballot, name } }) => ({ type: 'ACCEPTED', ballot, by: name }),
    ),
    noteVote: assign({
      accepts: ({ context, event }) =>
        event.type === 'ACCEPTED' ? [...context.accepts, event.by].sort() : context.accepts,
    }),
    announce: enqueueActions(({ enqueue, context: { peers, ballot, proposal } }) => {
      for (const peer of peers)
        enqueue.sendTo(
          ({ system }) => system.get(peer),
          () => ({ type: 'DECIDED', ballot, proposal }),
        );
    }),
    confirm: sendTo(
      ({ system, context }) => system.get(context.proposal!.by),
      ({ context }) => ({ type: 'PUT_OK', by: context.name }),
    ),
    answer: sendTo(
      ({ system, event }) => system.get((event as Request).by),
      ({ context }) => ({ type: 'GET_OK', by: context.name, value: context.accepted!.proposal.value }),
    ),
  },
});

const paxosServerConfig = {
  context: ({ input }: { input: Input }) => ({
    ...input,
    ballot: { round: 0, leader: '' },
    proposal: null,
    prepared: {},
    accepts: [],
    accepted: null,
  }),
  initial: 'open',
} as const;

/** The forgetful server replaces PREPARED. */
const openEvents = {
  PUT: { guard: 'hasNoProposal', actions: ['lead', 'prepare'] },
  PREPARE: { guard: 'isLater', actions: ['follow', 'promise'] },
  PREPARED: [
    { guard: 'completesPromises', actions: ['notePromise', 'adoptAccepted', 'propose', 'putToVote'] },
    { guard: 'isOwn', actions: 'notePromise' },
  ],
  ACCEPT: { guard: 'isNotEarlier', actions: ['follow', 'accept', 'vote'] },
  // A majority of three is the leader and one more.
  ACCEPTED: { guard: 'isOwn', actions: ['noteVote', 'announce', 'confirm'], target: 'decided' },
  DECIDED: { actions: ['follow', 'accept'], target: 'decided' },
} as const;

const decided = paxosServerParts.createStateConfig({ on: { GET: { actions: 'answer' } } });

const paxosServer = paxosServerParts.createMachine({
  id: 'paxosServer',
  ...paxosServerConfig,
  states: { open: { on: openEvents }, decided },
});

/** Puts the value of its own client to the vote whatever others have accepted. */
const forgetfulPaxosServer = paxosServerParts.createMachine({
  id: 'forgetfulPaxosServer',
  ...paxosServerConfig,
  states: {
    open: {
      on: {
        ...openEvents,
        PREPARED: [
          { guard: 'completesPromises', actions: ['notePromise', 'propose', 'putToVote'] },
          { guard: 'isOwn', actions: 'notePromise' },
        ],
      },
    },
    decided,
  },
});

export const paxos = defineScenario({
  name: 'paxos',
  title: 'Servers decide on one value, and clients write and read it',
  sources: ['Stateright paxos; Lamport, The Part-Time Parliament (TOCS 16, 1998) and Paxos Made Simple (2001)'],
  group: 'textbook',
  parameters: z.object({
    clients: z.number().int().min(1).max(3).default(2).describe('clients, each of which writes once and then reads'),
  }),
  variants: {
    fixed: {
      title: 'a leader proposes what was accepted last',
      expected: { verdict: 'holds', counts: [16_668, 32_970] },
    },
    forgetful: {
      title: 'a leader proposes what its own client wants',
      expected: { verdict: 'violated', property: 'the history is linearizable', length: 17 },
    },
  },
  build({ clients: count }, variant) {
    const clients = names('client', count);
    const server = variant === 'forgetful' ? forgetfulPaxosServer : paxosServer;
    return defineSystem({
      actors: combineActors(
        family('server', SERVERS.length, (index) => {
          const name = SERVERS[index]!;
          const peers = SERVERS.filter((other) => other !== name);
          return actor(server, { input: { name, peers } });
        }),
        family('client', count, (index) =>
          actor(registerClient, {
            input: {
              value: 'ABC'[index]!,
              writesTo: SERVERS[index % SERVERS.length]!,
              readsFrom: SERVERS[(index + 1) % SERVERS.length]!,
            },
            rest: ['done'],
          }),
        ),
      ),
      channels: { network: { to: [...SERVERS, ...clients], order: 'unordered', capacity: Infinity } },
      blocking: ['PUT', 'GET', 'PUT_OK', 'GET_OK', 'PREPARE', 'PREPARED', 'ACCEPT', 'ACCEPTED', 'DECIDED'],
      // Two leaders may keep each other from deciding, and then nobody tries again.
      deadlock: 'ignore',
      properties: ({ monitor, reachable }) => [
        monitor('the history is linearizable', linearizable),
        reachable('a value that was written is read', (view) => isReadFrom(view, 'network')),
      ],
    });
  },
});
