// What the author says the application does when it works.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct ExpectedRequest {
  std::string path;
  std::uint32_t status = 200;
  std::string body;  // text the answer contains
  friend bool operator==(const ExpectedRequest&, const ExpectedRequest&) = default;
  const std::string& item_name() const { return path; }
};
template <class V>
void describe(V& v, ExpectedRequest& f) {
  v.title("path", f.path, "Request path, such as /index.php.");
  v.field("status", f.status, "Expected HTTP status.");
  v.field("body", f.body, "Text that the answer contains.");
}

struct Expect {
  std::vector<ExpectedRequest> requests;
  friend bool operator==(const Expect&, const Expect&) = default;
};
template <class V>
void describe(V& v, Expect& f) {
  v.field("requests", f.requests, "Requests that a working application answers.");
}

}  // namespace profiles
