// Runtimes and web servers that were packed before, so that a change of a site's code opens no package: the layer, and an outline of what is
// in it for audit, summary and `why`. Each is kept under a digest of all that it was made of, and its bytes are checked
// whenever it is read, against digests that lie with them: what others may have written is none. That layer and outline say
// the same is looked at once, when they are kept: from then on one digest holds both, and the key has the builder's own.
//
//   const Shelf shelf(cache + "/runtimes");
//   systems.runtime = shelf.find(runtime_key(inputs, builder));
#pragma once

#include <optional>
#include <string>

#include "images/build/assemble.h"

namespace images {

// `builder` is the digest of this program: another version may make another runtime of the same inputs.
std::string runtime_key(const Inputs& inputs, const std::string& builder);
std::string server_key(const Inputs& inputs, const std::string& builder);

class Shelf {
 public:
  explicit Shelf(std::string folder) : folder_(std::move(folder)) {}

  // Nothing when there is none, or when what is there is damaged or may be of others.
  std::optional<Runtime> find(const std::string& key) const;
  // `packed` has its layer. What does not agree with it is not kept. Failures to keep are silent: it is only made again next
  // time. The oldest give way.
  void keep(const std::string& key, const Runtime& packed) const;

 private:
  std::string folder_;
};

}  // namespace images
