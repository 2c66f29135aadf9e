// compose(): from an authored file and all that it extends to one Policy.
//
//   Composed composed = compose(find_catalog(...), read_file, "/etc/fpmbox/pools/matomo.yaml", diagnostics);
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "profiles/base/diagnostics.h"
#include "profiles/base/result.h"
#include "profiles/load/document_store.h"
#include "profiles/load/origins.h"
#include "profiles/model/policy.h"

namespace profiles {

// Reads a profile's bytes. The launcher's checks owner and mode of the file and of its parents; tests invent files.
using ReadFile = std::function<base::Result<std::string>(const std::string& path)>;

// A call that a file allows on top of layers that do not.
struct AddedCall {
  std::string below;  // the file that it extends
  Origin absent;      // where a lower layer has the call absent; empty when none has
};

// A rule on arguments as lower layers have it.
struct LowerRule {
  ArgumentRule rule;
  Origin origin;
};

struct Composed {
  Policy policy;
  Origins origins;
  std::vector<std::string> layers;  // files, base first
  // Calls that are allowed although a lower layer reports them as dangerous, and where it does.
  std::map<std::string, Origin> overridden_reports;
  // What layers changed of the layers below them, so that checks can ask for reasons. Files of the catalog are not
  // among these layers: what is shipped was reviewed as a whole. Rules by item_name().
  std::map<std::string, AddedCall> added_calls;
  std::map<std::string, LowerRule> changed_rules;
  std::map<std::string, LowerRule> removed_rules;
};

// `file` is a path. `extends: NAME` is looked up as CATALOG/NAME.yaml; a value with a slash is a path relative to the
// extending file. Cycles, unknown keys, duplicates and wrong types are errors in `diagnostics`; the Composed is then
// whatever could be read, so that checks can go on and report more. The three lists of system calls are disjoint in it:
// the highest layer that names a call decides.
Composed compose(const std::string& catalog, const ReadFile& read, const std::string& file,
                 base::Diagnostics& diagnostics, const DocumentStore& store = {});

// The policy as one flat profile without `extends`: compose(write(p)) gives p again.
std::string write(const Policy& policy);
// The same with `# file:line` behind each value.
std::string write(const Policy& policy, const Origins& origins);

// Every key of the language, sorted, lists and maps without their items ("limits.memory.max"); feeds docs and tests.
std::vector<std::string> all_keys();
// JSON schema of a profile file, generated from describe().
std::string json_schema();

}  // namespace profiles
