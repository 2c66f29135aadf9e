// php-fpm as a service of systemd, with the hardening that a published unit of it has, by `systemd-run`: a master of root, and workers
// of the pool's user. It needs a machine whose first process is systemd.
#pragma once

#include "launcher/harness/fpm_arena.h"
#include "launcher/harness/side.h"

namespace harness {

struct UnitHardening {
  std::vector<std::string> properties;
  bool shares_master;  // a unit for all pools of the machine
};
const UnitHardening& upstream_unit();  // php-src, sapi/fpm/php-fpm.service.in
const UnitHardening& nixos_unit();     // nixpkgs, services.phpfpm

std::vector<std::string> unit_words(const std::string& systemd_run, const UnitHardening& hardening, const std::string& unit, const std::vector<std::string>& command);

class UnitArena : public FpmArena {
 public:
  UnitArena(SideInput input, const UnitHardening& hardening);
  ~UnitArena() override;

  std::string name() const override { return "pool as a service of systemd"; }
  void end_pool() override;
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) override;

 private:
  base::Result<std::string> start() override;
  bool has_neighbour() const override { return pool_.neighbour_uid != 0; }
  int run(const std::string& unit, const std::vector<std::string>& command) const;
  std::string next_name();

  std::string name_;     // of the trial
  std::string program_;  // systemd-run, which waits for the unit's end
  const UnitHardening& hardening_;
  std::string unit_;
};

// Is systemd this machine's first process?
base::Status has_systemd();
// In the keeper, when no process of the test is left: units are nobody's children.
base::Status clean_up_units(const SidePlace& place);

}  // namespace harness
