/* The scenario `pri-overflow fixed` by hand, at the grain of our machines: one d_step is one of our steps.
 * README.md says which parts of our state are functions of the rest and are therefore left out.
 *
 * No end labels: an idle device can always start, so wherever nothing can happen somebody waits.
 *
 * Faults of design, for comparing verdicts: -DNO_DISCARD, -DDISCARD_FIRST, -DONE_PASS.
 * -DDEVICES=2 -DENTRIES=2 -DWORKERS=2 -DPAGES=2 -DGENERATIONS=2
 */
#ifndef DEVICES
#define DEVICES 2
#endif
#ifndef PAGES
#define PAGES 2
#endif
#ifndef ENTRIES
#define ENTRIES 2
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef GENERATIONS
#define GENERATIONS 2
#endif

/* A page request: device 2 bits, page 2, last 1, generation 3. A free slot and no partial request are 0. */
#define REQUEST(d, page, last, generation) (((d) << 6) | ((page) << 4) | ((last) << 3) | (generation))
#define DEVICE_OF(r) ((r) >> 6)
#define PAGE_OF(r)   (((r) >> 4) & 3)
#define IS_LAST(r)   (((r) >> 3) & 1)
#define GENERATION_OF(x) ((x) & 7)

/* A group: device 2 bits, pages as a mask 3 (they are handled in ascending order), generation 3. */
#define GROUP(d, pages, generation) (((d) << 6) | ((pages) << 3) | (generation))
#define PAGES_OF(g) (((g) >> 3) & 7)

/* Positions in the ring are index and wrap bit in one number. */
#define AT(position) ((position) % ENTRIES)
#define NEXT(position) (((position) + 1) % (2 * ENTRIES))
#define FULL ((prod + ENTRIES) % (2 * ENTRIES) == cons)

/* Device contexts. Waiting with one request and with two are apart: they hold one credit and two. */
#define IDLE 0
#define WAITING_1 1
#define WAITING_2 2
#define REQUESTING 3 /* + the page that is still to be requested, 1 or 2 */

byte phase[DEVICES];
byte generation[DEVICES];
byte partial[DEVICES];   /* 0, or 1 + the request that waits for its last one */
byte slot[ENTRIES];
byte present;            /* a bit for each page */
byte pending;            /* a bit for each device */
unsigned prod : 4;
unsigned cons : 4;
bit ovflg;
bit ovackflg;
bit awake;               /* the interrupt thread is not asleep */
bit interrupted;
unsigned threadProd : 4; /* the snapshot of a pass; as CONS outside one */
unsigned threadCons : 4;
bit threadOvflg;
chan work = [DEVICES] of { byte };

/* The context's index is free at once. Waiting: neither an answer too many nor to an incomplete group (UPRGI). */
inline answer(d, use) {
    assert((phase[d] == WAITING_1 || phase[d] == WAITING_2) && generation[d] == use);
    phase[d] = IDLE;
    generation[d] = (generation[d] + 1) % GENERATIONS
}

/* SMMUv3 8.1: stored; or answered by the SMMU; or dropped. */
inline post(d, page, last) {
    if
    :: ovflg == ovackflg && !FULL ->
        slot[AT(prod)] = REQUEST(d, page, last, generation[d]);
        if
        :: prod == cons && awake -> interrupted = 1
        :: prod == cons && !awake -> awake = 1
        :: else
        fi;
        prod = NEXT(prod)
    :: else ->
        ovflg = 1 - ovackflg;
        if
        :: last -> answer(d, generation[d])
        :: else
        fi
    fi
}

#define MISSING(page) (((present >> (page)) & 1) == 0)

/* A descriptor that touches two pages; what is missing is requested. */
inline dma(d, first, second) {
    if
    :: MISSING(first) && MISSING(second) -> phase[d] = REQUESTING + second; post(d, first, 0)
    :: MISSING(first) && !MISSING(second) -> phase[d] = WAITING_1; post(d, first, 1)
    :: !MISSING(first) && MISSING(second) -> phase[d] = WAITING_1; post(d, second, 1)
    :: else
    fi
}

/* Declared first, so that _pid is the number of the device. */
active [DEVICES] proctype Device() {
idle:
    do
    :: d_step { phase[_pid] == IDLE -> dma(_pid, 0, 1) }
#if PAGES > 2
    :: d_step { phase[_pid] == IDLE -> dma(_pid, 0, 2) }
    :: d_step { phase[_pid] == IDLE -> dma(_pid, 1, 2) }
#endif
    :: d_step { phase[_pid] == REQUESTING + 1 -> phase[_pid] = WAITING_2; post(_pid, 1, 1) }
#if PAGES > 2
    :: d_step { phase[_pid] == REQUESTING + 2 -> phase[_pid] = WAITING_2; post(_pid, 2, 1) }
#endif
    od
}

#define ENTRY slot[AT(threadCons)]
#define STORED partial[DEVICE_OF(ENTRY)]

/* iommu_report_device_fault() and iopf_group_alloc() for the entry at CONS; then the thread looks at the next one. */
inline handleEntry() {
    if
    :: !IS_LAST(ENTRY) ->
#ifdef NO_DISCARD
        /* The older one stays, there is one place: the merge is found all the same. */
        if
        :: STORED == 0 -> STORED = 1 + ENTRY
        :: else
        fi
#else
        assert(STORED == 0);
        STORED = 1 + ENTRY
#endif
    :: else ->
        if
        :: STORED != 0 ->
            /* No group has members of two generations. */
            assert(GENERATION_OF(STORED - 1) == GENERATION_OF(ENTRY));
            work!GROUP(DEVICE_OF(ENTRY), (1 << PAGE_OF(STORED - 1)) | (1 << PAGE_OF(ENTRY)), GENERATION_OF(ENTRY));
            STORED = 0
        :: else ->
            work!GROUP(DEVICE_OF(ENTRY), 1 << PAGE_OF(ENTRY), GENERATION_OF(ENTRY))
        fi;
        assert(((pending >> DEVICE_OF(ENTRY)) & 1) == 0);
        pending = pending | (1 << DEVICE_OF(ENTRY))
    fi;
    threadCons = NEXT(threadCons)
}

inline readProd() {
    threadProd = prod;
    threadOvflg = ovflg
}

inline writeCons() {
    do
    :: cons != threadCons -> slot[AT(cons)] = 0; cons = NEXT(cons)
    :: else -> break
    od;
    skip
}

inline discardPartials() {
    partial[0] = 0;
#if DEVICES > 1
    partial[1] = 0;
#endif
#if DEVICES > 2
    partial[2] = 0;
#endif
#if DEVICES > 3
    partial[3] = 0;
#endif
    skip
}

#if DEVICES == 1
#define NO_PARTIALS (partial[0] == 0)
#elif DEVICES == 2
#define NO_PARTIALS (partial[0] == 0 && partial[1] == 0)
#elif DEVICES == 3
#define NO_PARTIALS (partial[0] == 0 && partial[1] == 0 && partial[2] == 0)
#else
#define NO_PARTIALS (partial[0] == 0 && partial[1] == 0 && partial[2] == 0 && partial[3] == 0)
#endif

#define OVERFLOW (ovflg != ovackflg)
#define SAW_OVERFLOW (threadOvflg != ovackflg)
#define HANDLES_LAST (NEXT(threadCons) == threadProd)

#ifdef NO_DISCARD
#define DISCARDS 0
#else
#define DISCARDS 1
#endif

active proctype Thread() {
pass:
    if
    :: d_step { awake && prod == cons && !OVERFLOW && interrupted -> interrupted = 0 } goto pass
    :: d_step { awake && prod == cons && !OVERFLOW && !interrupted -> awake = 0 } goto pass
#ifdef DISCARD_FIRST
    :: d_step { awake && OVERFLOW -> readProd() } goto discarding
    :: d_step { awake && prod != cons && !OVERFLOW -> readProd() } goto handling
#else
    :: d_step { awake && prod != cons -> readProd() } goto handling
    :: d_step { awake && prod == cons && OVERFLOW && DISCARDS -> readProd() } goto discarding
    :: d_step { awake && prod == cons && OVERFLOW && !DISCARDS -> readProd() } goto releasing
#endif
    fi;
handling:
    if
    :: d_step { !HANDLES_LAST -> handleEntry() } goto handling
#ifdef DISCARD_FIRST
    :: d_step { HANDLES_LAST -> handleEntry() } goto releasing
#else
    :: d_step { HANDLES_LAST && SAW_OVERFLOW && DISCARDS -> handleEntry() } goto discarding
    :: d_step { HANDLES_LAST && !(SAW_OVERFLOW && DISCARDS) -> handleEntry() } goto releasing
#endif
    fi;
discarding:
    if
#ifdef DISCARD_FIRST
    :: d_step { threadCons != threadProd -> discardPartials() } goto handling
    :: d_step { threadCons == threadProd -> discardPartials() } goto releasing
#else
    :: d_step { true -> discardPartials() } goto releasing
#endif
    fi;
releasing:
    if
#ifdef ONE_PASS
    :: d_step { interrupted -> writeCons(); ovackflg = threadOvflg; interrupted = 0 } goto pass
    :: d_step { !interrupted -> writeCons(); ovackflg = threadOvflg; awake = 0 } goto pass
#elif defined(NO_DISCARD)
    :: d_step { !SAW_OVERFLOW -> writeCons() } goto pass
    :: d_step { SAW_OVERFLOW -> writeCons(); ovackflg = threadOvflg } goto recovered
#else
    :: d_step { !SAW_OVERFLOW -> writeCons() } goto pass
    :: d_step { SAW_OVERFLOW -> writeCons(); ovackflg = threadOvflg; assert(NO_PARTIALS) } goto recovered
#endif
    fi;
    /* As at the head of the pass, but an overflow has just been acknowledged. */
recovered:
    if
    :: d_step { prod == cons && !OVERFLOW && interrupted -> interrupted = 0 } goto pass
    :: d_step { prod == cons && !OVERFLOW && !interrupted -> awake = 0 } goto pass
#ifdef DISCARD_FIRST
    :: d_step { OVERFLOW -> readProd() } goto discarding
    :: d_step { prod != cons && !OVERFLOW -> readProd() } goto handling
#else
    :: d_step { prod != cons -> readProd() } goto handling
    :: d_step { prod == cons && OVERFLOW && DISCARDS -> readProd() } goto discarding
    :: d_step { prod == cons && OVERFLOW && !DISCARDS -> readProd() } goto releasing
#endif
    fi
}

/* The lowest page of a mask. */
#define FIRST(pages) ((pages) & (0 - (pages)))

active [WORKERS] proctype Worker() {
    byte group;
idle:
    work?group;
    if
    :: d_step { PAGES_OF(group) == FIRST(PAGES_OF(group)) -> present = present | PAGES_OF(group) }
    :: d_step { PAGES_OF(group) != FIRST(PAGES_OF(group)) -> present = present | FIRST(PAGES_OF(group)) };
       present = present | PAGES_OF(group) & ~FIRST(PAGES_OF(group))
    fi;
    d_step {
        assert((pending >> DEVICE_OF(group)) & 1);
        pending = pending & ~(1 << DEVICE_OF(group));
        answer(DEVICE_OF(group), GENERATION_OF(group));
        group = 0
    };
    goto idle
}

/* The mm takes pages away. */
active proctype Reclaim() {
    do
    :: d_step { present & 1 -> present = present & ~1 }
    :: d_step { present & 2 -> present = present & ~2 }
#if PAGES > 2
    :: d_step { present & 4 -> present = present & ~4 }
#endif
    od
}
