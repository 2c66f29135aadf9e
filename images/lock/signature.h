// Who signed an index: asked of gpgv ourselves, besides apt's own check, so that the lock can say it.
#pragma once

#include <string>
#include <vector>

#include "profiles/base/result.h"

namespace images {

// Fingerprints of the keys of `keyring` that signed the file, sorted. An error when there is no good signature.
base::Result<std::vector<std::string>> signers_of(const std::string& signed_file, const std::string& keyring);

// Of gpgv's status lines: "[GNUPG:] VALIDSIG FINGERPRINT ... PRIMARY".
std::vector<std::string> fingerprints_in(const std::string& status);

}  // namespace images
