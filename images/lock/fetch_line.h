// What apt fetches, as a line of progress: "packages: 12 of 55, 14.3 of 40.4 MB".
//
//   FetchLine line("packages");
//   fetcher.SetLog(&line);
#pragma once

#include <apt-pkg/acquire.h>

#include <string>

namespace images {

class FetchLine : public pkgAcquireStatus {
 public:
  explicit FetchLine(std::string what) : what_(std::move(what)) {}

  bool MediaChange(std::string, std::string) override { return false; }  // there is no disc to put in
  bool Pulse(pkgAcquire* owner) override;

 private:
  std::string what_;
};

}  // namespace images
