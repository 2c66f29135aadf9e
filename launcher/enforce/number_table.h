// What a filter decides by a call's number alone, as a search among ranges of numbers: most of a filter. libseccomp compares each
// number by itself, and a program that is three times as long takes the kernel three times as long to translate, at every start.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

namespace launcher {

// In place of a verdict: that takes the arguments, too, and is left to what follows the table. No action of seccomp(2).
inline constexpr std::uint32_t kByArguments = 1;

// `verdicts` has for each number, from 0, what the filter returns. The program wants the number in its accumulator, which is below
// verdicts.size(), and goes on behind its own end where a verdict takes arguments. Empty where its jumps would be too long for BPF
// (255 instructions): then all is left to libseccomp.
std::vector<sock_filter> number_table(const std::vector<std::uint32_t>& verdicts);

}  // namespace launcher
