// An OCI image (image-spec 1.1) as a value: its blobs by digest, and what index.json says. Writing it is another's work.
//
//   const Image image = make_image(layers, about);
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "images/layer/layer.h"

namespace images {

struct About {
  std::string name;     // "localhost/fpmbox/wiki:latest"
  std::int64_t created = 0;
  std::vector<std::string> entrypoint;
  std::string user;     // "33:33"; empty: root, which the launcher drops
  std::vector<std::string> environment;
  std::string working_directory;
  std::string stop_signal;
  std::vector<std::string> exposed_ports;  // "9000/tcp"
  std::vector<std::string> healthcheck = {};  // a program and its arguments; no shell
  std::map<std::string, std::string> labels;  // in the config, and as annotations of the manifest
};

struct Blob {
  std::string digest;
  std::string bytes;
};

struct Image {
  std::vector<Blob> blobs;      // layers, config, manifest
  std::string manifest_digest;
  std::string config_digest;
  std::string index;            // index.json
  std::string oci_layout;       // the file oci-layout
  std::string docker_manifest;  // manifest.json, without which docker load before 25 takes no OCI archive; empty with zstd, which it takes from none
};

Image make_image(std::vector<Layer> layers, const About& about);

// "2026-11-25T02:22:30Z"
std::string rfc3339(std::int64_t seconds);

}  // namespace images
