// Decoys for tests/sandbox/catalogue.py: prints the targets, a NAME=VALUE a line and an empty one, then answers a look a line
// of stdin, until it ends.
//
//   lay_bait FOLDER UID GID NEIGHBOUR_UID NEIGHBOUR_GID
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "launcher/harness/bait.h"

int main(int argc, char** argv) {
  if (argc != 6) return 64;
  const auto number = [argv](int at) { return static_cast<unsigned>(std::strtoul(argv[at], nullptr, 10)); };
  const auto bait = harness::make_bait({argv[1], number(2), number(3), number(4), number(5)});
  if (!bait) {
    std::cerr << bait.error().text() << "\n";
    return 71;
  }
  for (const auto& [name, value] : bait.value().targets()) std::cout << name << "=" << value << "\n";
  std::cout << std::endl;
  for (std::string look; std::getline(std::cin, look);) std::cout << bait.value().look(look) << std::endl;
  return 0;
}
