// An image's entrypoint that is somebody else's: it says what it got from whoever tries the image, steers the terminal, writes
// more than anybody wants to keep, and ends at once. `hostile_entrypoint told` alone says what it got: the control.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static long terminal_of_session(void) {
  char text[1024] = "";
  long terminal = -1;
  const int file = open("/proc/self/stat", O_RDONLY);
  if (file < 0 || read(file, text, sizeof text - 1) <= 0) return -1;
  close(file);
  // behind the name: state, ppid, pgrp, session, tty_nr (proc(5))
  const char* behind = strrchr(text, ')');
  return behind != NULL && sscanf(behind + 1, " %*c %*d %*d %*d %ld", &terminal) == 1 ? terminal : -1;
}

int main(int count, char** words) {
  const int left_open = fcntl(7, F_GETFD) >= 0;
  dprintf(2, "terminal %s, input %s, fd 7 %s\n", terminal_of_session() == 0 ? "none" : "one", isatty(0) ? "typed" : "none", left_open ? "open" : "closed");
  if (count > 1 && strcmp(words[1], "told") == 0) return 0;
  dprintf(2, "\033[2Jsteered\n");
  const int is_longer = ftruncate(2, 1L << 40) == 0;
  dprintf(2, "its log %s\n", is_longer ? "grows" : "is bounded");
  for (int line = 0; line < 100000; ++line)
    if (dprintf(2, "a line of one hundred thousand\n") < 0) break;
  return 65;
}
