/* Tries every system call by its number with arguments of zero, but for those that are named on the command line, and prints
   "NUMBER ERRNO" for each. For a filter that refuses them: what it lets through is done. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HIGHEST 470

int main(int count, char** words) {
  static char spared[HIGHEST + 1];
  for (int i = 1; i < count; ++i) {
    const int number = atoi(words[i]);
    if (number >= 0 && number <= HIGHEST) spared[number] = 1;
  }
  for (long number = 0; number <= HIGHEST; ++number) {
    if (spared[number]) continue;
    errno = 0;
    const long answer = syscall(number, 0L, 0L, 0L, 0L, 0L, 0L);
    printf("%ld %d\n", number, answer == -1 ? errno : 0);
    fflush(stdout);
  }
  return 0;
}
