// What of an engine's defaults a machine may refuse, told by what the engine says, and what it is then asked for instead. An act
// that a changed layer should stop shows nothing about the defaults, unless it succeeds all the same.
//
//   if (const Concession* instead = concession_for("podman", said.text, made)) ...
#pragma once

#include <string>
#include <vector>

namespace harness {

struct Concession {
  const char* engine;
  std::vector<std::string> symptoms;              // one of these is in what it says
  std::vector<std::string> (*before)();           // options of the engine
  std::vector<std::string> (*after)();            // options of `run`
  std::vector<std::string> layers;                // that are narrower so than by default
  const char* says;                               // for the report
};
const std::vector<Concession>& concessions();

// The first one that this text asks for and that is not made yet.
const Concession* concession_for(const std::string& engine, const std::string& said, const std::vector<const Concession*>& made);

}  // namespace harness
