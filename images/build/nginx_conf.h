// nginx's own configuration in an image of its own: an ordinary user, a root that cannot be written, logs on its streams.
#pragma once

#include <cstdint>
#include <string>

namespace images {

std::string nginx_conf(std::uint32_t port);
// "upstream pool { server ADDRESS; }": a file is mounted over it where the pool is somewhere else.
std::string upstream_conf(const std::string& name, const std::string& address);

}  // namespace images
