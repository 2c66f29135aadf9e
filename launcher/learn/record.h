// What a recording has seen so far: plain values, each with the script that was first. Bounded in number and in bytes, for a pool
// says how long its paths are: what comes after a list is full is counted.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace launcher {

struct WrittenPath {
  enum class Act {
    rewritten,  // a file that was there, its contents or mode
    made,       // a file that was not there
    entry,      // a folder's entry: made, removed, renamed
  };
  std::string path;  // canonical, as the box sees it
  Act act = Act::rewritten;
  friend auto operator<=>(const WrittenPath&, const WrittenPath&) = default;
};
inline std::size_t bytes_of(const WrittenPath& written) { return written.path.size(); }

struct Connected {
  enum class Kind { unix_socket, abstract_socket, tcp, udp };
  Kind kind = Kind::unix_socket;
  std::string address;  // a path, or "192.0.2.1:443", "[2001:db8::1]:443"
  std::string name;     // the host that was asked for last, when it was; a guess
  friend auto operator<=>(const Connected&, const Connected&) = default;
};
inline std::size_t bytes_of(const Connected& connected) { return connected.address.size() + connected.name.size(); }
inline std::size_t bytes_of(const std::string& text) { return text.size(); }

// Why a call was not carried out.
enum class Refusal { none, dangerous, argument };
struct CalledOften {
  std::string script;
  Refusal refusal = Refusal::none;
  std::string detail;  // of an argument: "ioctl(4, 0x5412, ...)"
  friend bool operator==(const CalledOften&, const CalledOften&) = default;
};

// A list of things, each once, in the order in which they came, with the script that was first. "" is php-fpm itself.
template <class T>
class FirstSeen {
 public:
  static constexpr std::size_t kLimit = 20000;
  static constexpr std::size_t kMostBytes = 8 * 1024 * 1024;  // of names, each of which is here twice
  struct Item {
    T thing;
    std::string script;
  };
  bool see(T thing, const std::string& script) {
    if (const auto known = places_.find(thing); known != places_.end()) {
      Item& item = items_[known->second];
      if (item.script.empty() && bytes_ + script.size() <= kMostBytes) {
        item.script = script;
        bytes_ += script.size();
      }
      return false;
    }
    const std::size_t more = 2 * bytes_of(thing) + script.size();
    if (items_.size() >= kLimit || bytes_ + more > kMostBytes) {
      ++untold_;
      return false;
    }
    bytes_ += more;
    places_.emplace(thing, items_.size());
    items_.push_back({std::move(thing), script});
    return true;
  }
  const std::vector<Item>& all() const { return items_; }
  std::uint64_t untold() const { return untold_; }

 private:
  std::map<T, std::size_t> places_;
  std::vector<Item> items_;
  std::size_t bytes_ = 0;
  std::uint64_t untold_ = 0;
};

struct Record {
  FirstSeen<WrittenPath> writes;
  FirstSeen<Connected> connections;
  FirstSeen<std::string> programs;       // as execve was given them, or what `sh -c` was and that shell
  FirstSeen<std::string> scripts;        // PHP files that were opened to be read
  FirstSeen<std::string> absent;         // absolute paths outside the code that were to be read and are not in the view
  std::map<std::string, CalledOften> calls;  // by name; not those that the policy allows
  FirstSeen<std::string> requested;      // scripts of requests
  std::uint64_t requests = 0;

  // What was seen and found no room.
  std::uint64_t untold() const {
    return writes.untold() + connections.untold() + programs.untold() + scripts.untold() + absent.untold() + requested.untold();
  }
};

}  // namespace launcher
