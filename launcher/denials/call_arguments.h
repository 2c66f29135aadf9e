// The arguments of a system call in words: "socket(AF_NETLINK, SOCK_RAW)". Only what the kernel copied into the
// notification: numbers. What a pointer leads to is never read, and its value says nothing, so that pointers are left out.
#pragma once

#include <linux/seccomp.h>

#include <string>

namespace launcher {

std::string call_text(const seccomp_data& call);
std::string call_name(int number);

}  // namespace launcher
