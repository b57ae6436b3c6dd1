/* measure FILE COMMAND...: runs the command and writes what it cost to FILE: seconds that passed, CPU seconds, peak
 * resident KiB, exit status.
 *
 * A process of its own because Linux counts the resident peak of a forked child from that of its parent on: measured
 * from Node, a verifier of 2 MB would seem to need what Node needs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t) { return t.tv_sec + t.tv_usec / 1e6; }

int main(int argc, char **argv) {
    struct timespec start, end;
    struct rusage usage;
    int status;
    FILE *out;
    if (argc < 3 || !(out = fopen(argv[1], "w"))) return 127;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) return 127;
    clock_gettime(CLOCK_MONOTONIC, &end);
    fprintf(out, "%.6f %.6f %ld %d\n", end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9,
            seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss,
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    fclose(out);
    return 0;
}
