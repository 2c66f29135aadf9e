// How PHP's mail() leaves a box in which no sendmail can be started: by SMTP, to one relay.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct Mail {
  HostPath unix_path;  // an SMTP server's Unix socket
  std::string tcp;     // or HOST:PORT; needs a network that reaches it
  std::string from;    // envelope sender when the script names none
  friend bool operator==(const Mail&, const Mail&) = default;
};

template <class V>
void describe(V& v, Mail& f) {
  v.field("unix", f.unix_path, "Unix socket of the SMTP server that takes the pool's mail.");
  v.field("tcp", f.tcp, "HOST:PORT of the SMTP server that takes the pool's mail.");
  v.field("from", f.from, "Envelope sender of mail for which the script names none.");
}

}  // namespace profiles
