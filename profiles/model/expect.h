// What the author says the application does when it works, and what must and must not be possible in its box. Checked by
// `fpmbox test`.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct ExpectedRequest {
  std::string path;
  std::string method = "GET";
  std::map<std::string, std::string> headers;
  std::string send;  // the request's body
  std::uint32_t status = 200;
  std::string body;  // text the answer contains
  bool writes_nothing = false;
  bool offline = false;
  friend bool operator==(const ExpectedRequest&, const ExpectedRequest&) = default;
  std::string item_name() const { return method == "GET" ? path : method + " " + path; }
};
template <class V>
void describe(V& v, ExpectedRequest& f) {
  v.title("path", f.path, "Request path, such as /index.php.");
  v.field("method", f.method, "GET, HEAD or POST.");
  v.field("headers", f.headers, "Headers of the request.");
  v.field("send", f.send, "Body of the request.");
  v.field("status", f.status, "Expected HTTP status.");
  v.field("body", f.body, "Text that the answer contains.");
  v.field("writes_nothing", f.writes_nothing, "true when the request must leave the writable paths as they are.");
  v.field("offline", f.offline, "true when it is answered without the servers of connect: as well; otherwise a test without --live passes it over.");
}

// An act of the catalogue that this application cannot do without, with what it costs.
struct AllowedAct {
  std::string id;
  std::string why;
  friend bool operator==(const AllowedAct&, const AllowedAct&) = default;
  const std::string& item_name() const { return id; }
};
template <class V>
void describe(V& v, AllowedAct& f) {
  v.title("id", f.id, "Act of `fpmbox test --list`.");
  v.field("why", f.why, "Why this box has to allow it.");
}

struct ExpectedConnection {
  std::string to;
  bool answers = true;
  friend bool operator==(const ExpectedConnection&, const ExpectedConnection&) = default;
  const std::string& item_name() const { return to; }
};
template <class V>
void describe(V& v, ExpectedConnection& f) {
  v.title("to", f.to, "Path of a Unix socket as the box sees it, or ADDRESS:PORT.");
  v.field("answers", f.answers, "false when it must not be reached.");
}

struct ExpectedFile {
  HostPath path;
  std::optional<bool> readable;
  std::optional<bool> writable;
  friend bool operator==(const ExpectedFile&, const ExpectedFile&) = default;
  const std::string& item_name() const { return path.text; }
};
template <class V>
void describe(V& v, ExpectedFile& f) {
  v.title("path", f.path, "File or folder as the box sees it.");
  v.field("readable", f.readable, "Whether the pool can read it.");
  v.field("writable", f.writable, "Whether the pool can write it, or make files in it.");
}

struct Expect {
  std::vector<ExpectedRequest> requests;
  std::vector<std::string> denied;
  std::vector<AllowedAct> allowed;
  std::vector<ExpectedConnection> connects;
  std::vector<ExpectedFile> files;
  friend bool operator==(const Expect&, const Expect&) = default;
};
template <class V>
void describe(V& v, Expect& f) {
  v.field("requests", f.requests, "Requests that a working application answers.");
  v.field("denied", f.denied, "Acts of `fpmbox test --list` that this machine must show to be stopped.");
  v.field("allowed", f.allowed, "Acts that this box has to allow, each with its reason.");
  v.field("connects", f.connects, "Addresses that the box must reach, or must not.");
  v.field("files", f.files, "Paths that the pool must be able to read or write, or must not.");
}

}  // namespace profiles
