/* Dining philosophers, like `machines/textbook/dining-philosophers.ts`. -DN=13, -DLEFT_HANDED */
#ifndef N
#define N 13
#endif

/* Fork i is bit i: to the left of philosopher i, to the right of philosopher i - 1. */
unsigned forks : N;
/* A function of the program counters, for the assertion. */
unsigned eating : N;

#define LEFT (1 << _pid)
#define RIGHT (1 << ((_pid + 1) % N))

#ifdef LEFT_HANDED
#define FIRST (_pid == 0 -> RIGHT : LEFT)
#define SECOND (_pid == 0 -> LEFT : RIGHT)
#else
#define FIRST LEFT
#define SECOND RIGHT
#endif

#define NEIGHBOURS ((1 << ((_pid + 1) % N)) | (1 << ((_pid + N - 1) % N)))

active [N] proctype Philosopher() {
    do
    :: d_step { !(forks & FIRST) -> forks = forks | FIRST };
       d_step {
           !(forks & SECOND) -> forks = forks | SECOND;
           assert(!(eating & NEIGHBOURS));
           eating = eating | (1 << _pid)
       };
       d_step { forks = forks & ~FIRST; eating = eating & ~(1 << _pid) };
       forks = forks & ~SECOND
    od
}
