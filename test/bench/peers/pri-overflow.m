-- The scenario `pri-overflow` by hand, at the grain of our machines: one rule is one of our steps.
-- README.md says which parts of our state are functions of the rest and are therefore left out.

const
  DEVICES: 2;
  PAGES: 2;
  ENTRIES: 2;
  WORKERS: 2;
  GENERATIONS: 2;
  -- Faults of design, for comparing verdicts.
  NO_DISCARD: 0;
  DISCARD_FIRST: 0;
  ONE_PASS: 0;

type
  device: 0 .. DEVICES - 1;
  page: 0 .. PAGES - 1;
  worker: 0 .. WORKERS - 1;
  use: 0 .. GENERATIONS - 1;
  -- Index of the ring and wrap bit in one number.
  position: 0 .. 2 * ENTRIES - 1;

  request: record
    -- Undefined in a free slot.
    from: device;
    page: page;
    last: boolean;
    generation: use;
  end;

  group: record
    from: device;
    -- Handled in ascending order. The second is undefined in a group of one.
    first: page;
    second: page;
    generation: use;
  end;

  phaseOfDma: enum { idle, requesting, waitingOne, waitingTwo };
  workerState: enum { free, handlingFirst, handlingSecond, responding };
  threadState: enum { asleep, awake, recovered, handling, discarding, releasing };

var
  phase: array [device] of phaseOfDma;
  -- The page that is still to be requested.
  missing: array [device] of page;
  generation: array [device] of use;

  prod: position;
  cons: position;
  ovflg: boolean;
  ovackflg: boolean;
  slot: array [0 .. ENTRIES - 1] of request;

  thread: threadState;
  interrupted: boolean;
  -- The snapshot of a pass.
  threadProd: position;
  threadCons: position;
  threadOvflg: boolean;

  -- Undefined where no request waits for its last one.
  partialPage: array [device] of page;
  partialGeneration: array [device] of use;
  pending: array [device] of boolean;

  queue: array [0 .. DEVICES - 1] of group;

  state: array [worker] of workerState;
  work: array [worker] of group;

  present: array [page] of boolean;

function next(at: position): position;
begin
  return (at + 1) % (2 * ENTRIES);
end;

-- The index is free at once. Waiting: neither an answer too many nor one to an incomplete group (UPRGI).
procedure answer(d: device; used: use);
begin
  assert "every complete group gets exactly one answer"
    (phase[d] = waitingOne | phase[d] = waitingTwo) & generation[d] = used;
  phase[d] := idle;
  generation[d] := (generation[d] + 1) % GENERATIONS;
end;

-- SMMUv3 8.1: stored; or answered by the SMMU; or dropped.
procedure post(d: device; page: page; last: boolean);
begin
  if ovflg = ovackflg & (prod + ENTRIES) % (2 * ENTRIES) != cons then
    slot[prod % ENTRIES].from := d;
    slot[prod % ENTRIES].page := page;
    slot[prod % ENTRIES].last := last;
    slot[prod % ENTRIES].generation := generation[d];
    if prod = cons then
      if thread = asleep then
        thread := awake;
      else
        interrupted := true;
      end;
    end;
    prod := next(prod);
  else
    ovflg := !ovackflg;
    if last then
      answer(d, generation[d]);
    end;
  end;
end;

procedure enqueue(d: device; first: page; second: page; one: boolean; generation: use);
var
  at: 0 .. DEVICES;
begin
  at := 0;
  while !isundefined(queue[at].from) do
    at := at + 1;
  end;
  queue[at].from := d;
  queue[at].first := first;
  if !one then
    queue[at].second := second;
  end;
  queue[at].generation := generation;
  assert "one group of a device is pending" !pending[d];
  pending[d] := true;
end;

ruleset d: device do
  -- A descriptor that touches two pages; what is missing is requested.
  ruleset first: 0 .. PAGES - 2; second: 1 .. PAGES - 1 do
    rule "DMA"
      phase[d] = idle & first < second
    ==>
      if !present[first] then
        if !present[second] then
          phase[d] := requesting;
          missing[d] := second;
          post(d, first, false);
        else
          phase[d] := waitingOne;
          post(d, first, true);
        end;
      elsif !present[second] then
        phase[d] := waitingOne;
        post(d, second, true);
      end;
    end;
  end;

  rule "posts the last page request"
    phase[d] = requesting
  ==>
    var page: page;
  begin
    page := missing[d];
    undefine missing[d];
    phase[d] := waitingTwo;
    post(d, page, true);
  end;
end;

procedure discardPartials();
begin
  undefine partialPage;
  undefine partialGeneration;
end;

procedure afterEntries();
begin
  if threadProd != threadCons then
    thread := handling;
  elsif threadOvflg != ovackflg & NO_DISCARD = 0 & DISCARD_FIRST = 0 then
    thread := discarding;
  else
    thread := releasing;
  end;
end;

procedure goBackToSleep();
begin
  if interrupted then
    interrupted := false;
    thread := awake;
  else
    thread := asleep;
  end;
end;

rule "the interrupt thread reads PROD"
  thread = awake | thread = recovered
==>
  if prod = cons & ovflg = ovackflg then
    goBackToSleep();
  else
    threadProd := prod;
    threadOvflg := ovflg;
    if DISCARD_FIRST = 1 & ovflg != ovackflg then
      thread := discarding;
    else
      afterEntries();
    end;
  end;
end;

-- iommu_report_device_fault() and iopf_group_alloc()
rule "the interrupt thread handles an entry"
  thread = handling
==>
  alias
    entry: slot[threadCons % ENTRIES];
    storedPage: partialPage[entry.from];
    storedGeneration: partialGeneration[entry.from];
  do
    if !entry.last then
      if isundefined(storedPage) then
        storedPage := entry.page;
        storedGeneration := entry.generation;
      else
        -- The older one stays, there is one place: the merge is found all the same.
        assert "one request of a device is partial" NO_DISCARD = 1;
      end;
    elsif isundefined(storedPage) then
      enqueue(entry.from, entry.page, entry.page, true, entry.generation);
    else
      assert "no group has members of two generations" storedGeneration = entry.generation;
      enqueue(entry.from, storedPage, entry.page, false, entry.generation);
      undefine storedPage;
      undefine storedGeneration;
    end;
  end;
  threadCons := next(threadCons);
  afterEntries();
end;

rule "the interrupt thread discards partial groups"
  thread = discarding
==>
  discardPartials();
  if threadProd != threadCons then
    thread := handling;
  else
    thread := releasing;
  end;
end;

rule "the interrupt thread writes CONS"
  thread = releasing
==>
  while cons != threadCons do
    undefine slot[cons % ENTRIES];
    cons := next(cons);
  end;
  if threadOvflg != ovackflg then
    ovackflg := threadOvflg;
    thread := recovered;
  else
    thread := awake;
  end;
  if ONE_PASS = 1 then
    goBackToSleep();
  end;
end;

ruleset w: worker do
  rule "a worker takes a group"
    state[w] = free & !isundefined(queue[0].from)
  ==>
    var at: 0 .. DEVICES;
  begin
    work[w] := queue[0];
    at := 1;
    while at < DEVICES do
      queue[at - 1] := queue[at];
      at := at + 1;
    end;
    undefine queue[DEVICES - 1];
    state[w] := handlingFirst;
  end;

  rule "a worker handles the first fault"
    state[w] = handlingFirst
  ==>
    present[work[w].first] := true;
    state[w] := isundefined(work[w].second) ? responding : handlingSecond;
  end;

  rule "a worker handles the second fault"
    state[w] = handlingSecond
  ==>
    present[work[w].second] := true;
    state[w] := responding;
  end;

  -- iopf_group_response()
  rule "a worker responds"
    state[w] = responding
  ==>
    assert "the group is pending" pending[work[w].from];
    pending[work[w].from] := false;
    answer(work[w].from, work[w].generation);
    undefine work[w];
    state[w] := free;
  end;
end;

ruleset p: page do
  rule "the mm takes a page away"
    present[p]
  ==>
    present[p] := false;
  end;
end;

startstate
begin
  for d: device do
    phase[d] := idle;
    generation[d] := 0;
    pending[d] := false;
  end;
  for w: worker do
    state[w] := free;
  end;
  for p: page do
    present[p] := false;
  end;
  prod := 0;
  cons := 0;
  ovflg := false;
  ovackflg := false;
  thread := asleep;
  interrupted := false;
  threadProd := 0;
  threadCons := 0;
  threadOvflg := false;
end;

invariant "the partial list is empty when an overflow has been recovered from"
  thread = recovered & NO_DISCARD = 0 -> forall d: device do isundefined(partialPage[d]) end;
