#include "launcher/facts/users.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "launcher/facts/ask_program.h"
#include "launcher/sys/file.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

constexpr std::size_t kLongestDatabase = 16 << 20;
constexpr std::uint64_t kNoId = 0xffffffff;

std::string text_of(const char* path) {
  auto text = sys::read_file(path, kLongestDatabase);
  return text ? std::move(text).value() : "";
}

std::string ask_getent(const char* database, const std::string& name) {
  if (name.starts_with("-")) return {};  // would be an option
  Question question{.program = "/usr/bin/getent", .arguments = {database, name}, .as = {}, .deadline_ms = 10000};
  if (::geteuid() == 0) question.as = Question::Ids{65534, 65534};
  auto answer = ask_program(question);
  return answer ? std::move(answer).value() : "";
}

// Directories are asked, by that name or number, where /etc/passwd has nobody.
template <class IsMeant>
std::optional<UserEntry> look_up(const std::string& word, IsMeant is_meant) {
  auto users = parse_users(text_of("/etc/passwd"));
  auto found = std::find_if(users.begin(), users.end(), is_meant);
  if (found == users.end()) {
    users = parse_users(ask_getent("passwd", word));
    found = std::find_if(users.begin(), users.end(), is_meant);
  }
  return found == users.end() ? std::nullopt : std::optional(*found);
}

class Finder {
 public:
  Finder(std::vector<UserEntry> users, std::vector<GroupEntry> groups, AskDatabase ask, HostFacts& facts)
      : users_(std::move(users)), groups_(std::move(groups)), ask_(ask), facts_(facts) {}

  void add_user(const std::string& name) {
    if (name.empty() || facts_.users.contains(name)) return;
    if (const UserEntry* found = find_or_ask(users_, parse_users, "passwd", name)) add(UserEntry(*found));
  }

  void add_group(const std::string& name) {
    if (name.empty() || facts_.groups.contains(name)) return;
    if (const GroupEntry* found = find_or_ask(groups_, parse_groups, "group", name)) facts_.groups[name] = found->gid;
  }

  void add_aliases(const std::string& name) {
    const auto user = facts_.users.find(name);
    if (user == facts_.users.end()) return;
    for (const UserEntry& other : std::vector(users_))
      if (other.uid == user->second.uid) add(other);
  }

 private:
  template <class Entry>
  const Entry* find_or_ask(std::vector<Entry>& known, std::vector<Entry> (*parse)(std::string_view),
                           const char* database, const std::string& name) {
    const auto named = [&](const Entry& one) { return one.name == name; };
    auto found = std::find_if(known.begin(), known.end(), named);
    if (found == known.end() && ask_ != nullptr) {
      for (Entry& one : parse(ask_(database, name))) known.push_back(std::move(one));
      found = std::find_if(known.begin(), known.end(), named);
    }
    return found == known.end() ? nullptr : &*found;
  }

  void add(const UserEntry& user) {
    UserFact fact{user.uid, user.gid, {}};
    for (const GroupEntry& group : groups_) {
      const bool listed = std::find(group.members.begin(), group.members.end(), user.name) != group.members.end();
      if (group.gid != user.gid && !listed) continue;
      fact.groups.push_back(group.name);
      facts_.groups[group.name] = group.gid;
    }
    facts_.users[user.name] = std::move(fact);
  }

  std::vector<UserEntry> users_;
  std::vector<GroupEntry> groups_;
  AskDatabase ask_;
  HostFacts& facts_;
};

}  // namespace

void find_users_in(const profiles::Policy& policy, const std::string& users, const std::string& groups, AskDatabase ask,
                   HostFacts& facts) {
  Finder finder(parse_users(users), parse_groups(groups), ask, facts);
  finder.add_user(policy.identity.user);
  finder.add_user(policy.listen.owner);
  finder.add_user(kSupervisorUser);
  finder.add_group(policy.identity.group);
  finder.add_group(policy.listen.group);
  finder.add_aliases(policy.identity.user);
}

std::vector<gid_t> other_groups(gid_t own) {
  const int count = ::getgroups(0, nullptr);
  std::vector<gid_t> groups(static_cast<std::size_t>(count > 0 ? count : 0));
  if (count > 0 && ::getgroups(count, groups.data()) != count) groups.clear();
  std::erase(groups, own);
  return groups;
}

std::optional<UserEntry> find_user(const std::string& word) {
  if (auto named = look_up(word, [&](const UserEntry& user) { return user.name == word; })) return named;
  const auto uid = base::parse_unsigned(word);
  return uid && *uid < kNoId ? find_user(static_cast<uid_t>(*uid)) : std::nullopt;
}

std::optional<UserEntry> find_user(uid_t uid) {
  return look_up(std::to_string(uid), [&](const UserEntry& user) { return user.uid == uid; });
}

std::string user_name(uid_t uid) {
  const auto found = find_user(uid);
  return found ? found->name : "";
}

void find_users(const profiles::Policy& policy, HostFacts& facts) {
  find_users_in(policy, text_of("/etc/passwd"), text_of("/etc/group"), ask_getent, facts);
}

}  // namespace launcher
