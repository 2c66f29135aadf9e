/* A program that behaves as php-fpm does towards its launcher, and is no PHP: for a C library of which this machine has no PHP.
   It says what -n -i and -n -m say, takes its two sockets from FPM_SOCKETS, answers pings with "pong" and any other request with
   what it can and cannot do. It shows that a launch works with that C library's loader and system calls, and nothing of PHP. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void about(const char *option) {
  if (!strcmp(option, "-i")) printf("PHP Version => 8.2.0\n\nextension_dir => /usr/local/lib/php/extensions => /usr/local/lib/php/extensions\n");
  if (!strcmp(option, "-m")) printf("[PHP Modules]\nCore\nctype\niconv\nposix\ntokenizer\nfileinfo\n\n[Zend Modules]\nZend OPcache\n\n");
}

static const char *tried(int worked) { return worked ? "yes" : "no"; }

static void describe(char *out, size_t size) {
  int outside = open("/etc/outside", O_RDONLY);
  int code = open("/srv/www/new", O_WRONLY | O_CREAT, 0644);
  int data = open("/srv/www/data/x", O_WRONLY | O_CREAT, 0644);
  int status = 1;
  pid_t child = fork();
  if (child == 0) {
    char *const words[] = {"/usr/local/bin/probe", "-n", "-x", NULL}, *const none[] = {NULL};
    execve(words[0], words, none);
    _exit(111);
  }
  int started = child > 0 && waitpid(child, &status, 0) == child && status == 0;
  snprintf(out, size, "user %u, outside %s, code %s, data %s, program %s", getuid(), tried(outside >= 0), tried(code >= 0), tried(data >= 0), tried(started));
}

static void send_record(int to, int type, const char *text, size_t length) {
  unsigned char head[8] = {1, (unsigned char)type, 0, 1, (unsigned char)(length >> 8), (unsigned char)length, 0, 0};
  if (write(to, head, 8) != 8 || write(to, text, length) != (ssize_t)length) return;
}

static void answer(int listener) {
  char request[65536], page[512], text[1024];
  size_t length = 0;
  int to = accept(listener, NULL, NULL);
  if (to < 0) return;
  for (;;) {
    ssize_t count = read(to, request + length, sizeof request - length);
    if (count <= 0) break;
    length += (size_t)count;
    size_t at = 0; /* the empty record of type 5 ends the request */
    int ended = 0;
    while (at + 8 <= length) {
      size_t size = (size_t)(unsigned char)request[at + 4] << 8 | (unsigned char)request[at + 5];
      ended = request[at + 1] == 5 && size == 0;
      at += 8 + size + (unsigned char)request[at + 6];
    }
    if (ended) break;
  }
  if (memmem(request, length, "fpmbox-ping", 11)) strcpy(page, "pong");
  else describe(page, sizeof page);
  snprintf(text, sizeof text, "Content-Type: text/plain\r\n\r\n%s", page);
  send_record(to, 6, text, strlen(text));
  send_record(to, 6, "", 0);
  send_record(to, 3, "\0\0\0\0\0\0\0\0", 8);
  close(to);
}

static void end(int number) {
  (void)number;
  _exit(0);
}

int main(int argc, char **argv) {
  if (argc > 2 && !strcmp(argv[1], "-n")) {
    about(argv[2]);
    return 0;
  }
  if (argc > 1 && !strcmp(argv[1], "--describe")) {
    char text[512];
    describe(text, sizeof text);
    puts(text);
    return 0;
  }
  signal(SIGQUIT, end);
  fprintf(stderr, "[01-Jan-2026 00:00:00] NOTICE: ready to handle connections\n");
  for (;;) {
    struct pollfd sockets[2] = {{3, POLLIN, 0}, {4, POLLIN, 0}};
    if (poll(sockets, 2, -1) < 0) continue;
    for (int i = 0; i < 2; ++i)
      if (sockets[i].revents & POLLIN) answer(sockets[i].fd);
  }
}
