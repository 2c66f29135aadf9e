// What PHP is told. The only facet that knows PHP; one renderer turns it into FPM's configuration.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct ProcessManager {
  std::string mode = "dynamic";             // dynamic, ondemand, static
  std::optional<std::uint32_t> max_children;  // absent: from memory.max and worker_memory
  base::Bytes worker_memory{64ull * 1024 * 1024};
  std::uint32_t max_requests = 1000;
  base::Duration request_timeout{300000};
  friend bool operator==(const ProcessManager&, const ProcessManager&) = default;
};
template <class V>
void describe(V& v, ProcessManager& f) {
  v.field("mode", f.mode, "dynamic, ondemand or static.");
  v.field("max_children", f.max_children, "Most workers; computed from memory.max and worker_memory when absent.");
  v.field("worker_memory", f.worker_memory, "What one worker usually takes; sizes max_children.");
  v.field("max_requests", f.max_requests, "Requests a worker serves before it is replaced.");
  v.field("request_timeout", f.request_timeout, "Wall-clock limit of one request.");
}

struct Opcache {
  base::Bytes memory{128ull * 1024 * 1024};
  base::Bytes strings{8ull * 1024 * 1024};
  std::uint32_t max_files = 10000;
  bool written = false;
  friend bool operator==(const Opcache&, const Opcache&) = default;
};
template <class V>
void describe(V& v, Opcache& f) {
  v.field("memory", f.memory, "Shared memory for compiled scripts.");
  v.field("strings", f.strings, "Part of it for interned strings.");
  v.field("max_files", f.max_files, "Most scripts kept.");
  v.field("written", f.written, "Of a pinned version keep PHP files of writable paths, too; timestamps are then looked at every 2 s.");
}

struct Php {
  Version version;        // empty: the newest installed
  HostPath binary;        // empty: found by version
  std::string timezone = "UTC";
  std::vector<std::string> extensions;
  std::map<std::string, std::string> admin_values;  // any ini value, as php_admin_value
  std::vector<std::string> disable_functions;
  std::vector<std::string> limit_extensions;        // security.limit_extensions
  bool open_basedir = false;
  ProcessManager pm;
  Opcache opcache;
  friend bool operator==(const Php&, const Php&) = default;
};

template <class V>
void describe(V& v, Php& f) {
  v.field("version", f.version, "PHP version in quotes, \"8.2\"; the newest installed when absent.");
  v.field("binary", f.binary, "Path of php-fpm; found by version when absent.");
  v.field("timezone", f.timezone, "date.timezone.");
  v.field("extensions", f.extensions, "Extensions to load; no other is.");
  v.field("admin_values", f.admin_values, "ini values that no script, .user.ini or ini_set can change.");
  v.field("disable_functions", f.disable_functions, "PHP functions that do not exist in this pool.");
  v.field("limit_extensions", f.limit_extensions, "File name endings that FPM executes.");
  v.field("open_basedir", f.open_basedir, "PHP's own path check besides the box's view; costs 42-60 % of throughput.");
  v.field("pm", f.pm, "Workers.");
  v.field("opcache", f.opcache, "Sizes of the cache of compiled scripts.");
}

}  // namespace profiles
