// A folder of its own for a test, removed with all it holds.
#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

class Scratch {
 public:
  Scratch() {
    char name[] = "/tmp/fpmbox-test-XXXXXX";
    root_ = std::filesystem::canonical(::mkdtemp(name)).string();
    ::chmod(root_.c_str(), 0755);
  }
  ~Scratch() { std::filesystem::remove_all(root_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& root() const { return root_; }
  std::string path(const std::string& relative) const { return root_ + "/" + relative; }
  std::string folder(const std::string& relative, mode_t mode = 0755) const {
    std::filesystem::create_directories(path(relative));
    ::chmod(path(relative).c_str(), mode);
    return path(relative);
  }
  std::string file(const std::string& relative, const std::string& text = {}, mode_t mode = 0644) const {
    std::filesystem::create_directories(std::filesystem::path(path(relative)).parent_path());
    std::ofstream(path(relative)) << text;
    ::chmod(path(relative).c_str(), mode);
    return path(relative);
  }
  std::string link(const std::string& relative, const std::string& to) const {
    std::filesystem::create_symlink(to, path(relative));
    return path(relative);
  }

 private:
  std::string root_;
};
