/* Two-phase commit with messages as a set, like `machines/textbook/two-phase-commit.ts`. -DN=8 */
#ifndef N
#define N 8
#endif

#define BIT(i) (1 << (i))
#define EVERYBODY ((1 << N) - 1)
#define UNDECIDED 0
#define COMMIT 1
#define ABORT 2

/* Messages: who has sent its vote, and the transaction manager's decision. */
unsigned votes : N;
unsigned decision : 2;
/* What the transaction manager has read. */
unsigned seen : N;
/* Functions of the program counters, for the assertion. */
bit someCommitted;
bit someAborted;

inline commitSelf() {
    someCommitted = 1;
    assert(!someAborted)
}

inline abortSelf() {
    someAborted = 1;
    assert(!someCommitted)
}

/* Declared first, so that _pid is the number of the resource manager. */
active [N] proctype ResourceManager() {
    if
    :: votes = votes | BIT(_pid)
    :: d_step { true -> abortSelf() } goto end_aborted
    :: d_step { decision == COMMIT -> commitSelf() } goto end_committed
    :: d_step { decision == ABORT -> abortSelf() } goto end_aborted
    fi;
    /* prepared */
    if
    :: d_step { decision == COMMIT -> commitSelf() } goto end_committed
    :: d_step { decision == ABORT -> abortSelf() } goto end_aborted
    fi;
end_committed:
    false;
end_aborted:
    false
}

#define LOOK(i) d_step { votes & ~seen & BIT(i) -> seen = seen | BIT(i) }

active proctype TransactionManager() {
    do
    :: d_step { seen == EVERYBODY -> decision = COMMIT } break
#ifndef NO_ABORT
    :: decision = ABORT -> break
#endif
    :: LOOK(0)
#if N > 1
    :: LOOK(1)
#endif
#if N > 2
    :: LOOK(2)
#endif
#if N > 3
    :: LOOK(3)
#endif
#if N > 4
    :: LOOK(4)
#endif
#if N > 5
    :: LOOK(5)
#endif
#if N > 6
    :: LOOK(6)
#endif
#if N > 7
    :: LOOK(7)
#endif
#if N > 8
    :: LOOK(8)
#endif
#if N > 9
    :: LOOK(9)
#endif
    od;
end_decided:
    false
}
