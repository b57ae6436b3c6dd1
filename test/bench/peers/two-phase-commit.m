-- Two-phase commit with messages as a set, like `machines/textbook/two-phase-commit.ts`.

const
  N: 8;
  NO_ABORT: 0;

type
  manager: 0 .. N - 1;
  managerState: enum { working, prepared, committed, aborted };
  decisionState: enum { undecided, commit, abort };

var
  state: array [manager] of managerState;
  -- Messages: who has sent its vote, and the transaction manager's decision.
  voted: array [manager] of boolean;
  decision: decisionState;
  -- What the transaction manager has read.
  seen: array [manager] of boolean;

ruleset i: manager do
  rule "prepares"
    state[i] = working
  ==>
    state[i] := prepared;
    voted[i] := true;
  end;

  rule "chooses to abort"
    state[i] = working
  ==>
    state[i] := aborted;
  end;

  rule "reads the decision"
    (state[i] = working | state[i] = prepared) & decision != undecided
  ==>
    state[i] := decision = commit ? committed : aborted;
  end;

  rule "the transaction manager reads a vote"
    decision = undecided & voted[i] & !seen[i]
  ==>
    seen[i] := true;
  end;
end;

rule "commits"
  decision = undecided & forall i: manager do seen[i] end
==>
  decision := commit;
end;

rule "aborts"
  decision = undecided & NO_ABORT = 0
==>
  decision := abort;
end;

-- So that a state where everybody has finished is no deadlock. Each is one rule fired more than our steps: 3^N + 1.
rule "finished"
  forall i: manager do state[i] = committed | state[i] = aborted end & decision != undecided
==>
end;

startstate
begin
  for i: manager do
    state[i] := working;
    voted[i] := false;
    seen[i] := false;
  end;
  decision := undecided;
end;

invariant "no resource manager commits what another one aborted"
  !(exists i: manager do state[i] = committed end & exists i: manager do state[i] = aborted end);
