-- Dining philosophers, like `machines/textbook/dining-philosophers.ts`.

const
  N: 13;
  LEFT_HANDED: 0;

type
  seat: 0 .. N - 1;
  state: enum { thinking, hungry, eating, sated };

var
  philosopher: array [seat] of state;
  -- Fork i lies to the left of philosopher i, to the right of philosopher i - 1.
  taken: array [seat] of boolean;

ruleset i: seat do
  alias
    first: (LEFT_HANDED = 1 & i = 0) ? (i + 1) % N : i;
    second: (LEFT_HANDED = 1 & i = 0) ? i : (i + 1) % N;
  do
    rule "takes the first fork"
      philosopher[i] = thinking & !taken[first]
    ==>
      taken[first] := true;
      philosopher[i] := hungry;
    end;

    rule "takes the second fork"
      philosopher[i] = hungry & !taken[second]
    ==>
      taken[second] := true;
      philosopher[i] := eating;
    end;

    rule "puts down the first fork"
      philosopher[i] = eating
    ==>
      taken[first] := false;
      philosopher[i] := sated;
    end;

    rule "puts down the second fork"
      philosopher[i] = sated
    ==>
      taken[second] := false;
      philosopher[i] := thinking;
    end;
  end;
end;

startstate
begin
  for i: seat do
    philosopher[i] := thinking;
    taken[i] := false;
  end;
end;

invariant "neighbours never eat at the same time"
  forall i: seat do
    !(philosopher[i] = eating & philosopher[(i + 1) % N] = eating)
  end;
