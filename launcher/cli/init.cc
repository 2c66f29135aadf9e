// fpmbox init: from an application in a folder to a pool: a first pool file, its user, its data folder, and what the
// web server includes.
#include <unistd.h>

#include <algorithm>

#include "launcher/cli/catalog.h"
#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "launcher/cli/scope.h"
#include "launcher/facts/host_checks.h"
#include "launcher/facts/paths.h"
#include "launcher/facts/probe.h"
#include "launcher/init/perform.h"
#include "launcher/sys/file.h"
#include "profiles/checks/checks.h"
#include "profiles/export/web_site.h"

namespace cli {
namespace {

using launcher::Findings;
using launcher::Step;

constexpr const char* kOutput = "/etc/fpmbox";

struct InitOptions {
  launcher::InitRequest request;
  std::string output = kOutput;
  bool apply = false;
};

struct Files {
  std::string pool;
  std::string snippet;
};

Files files_of(const Findings& findings, const std::string& output) {
  return {output + "/pools/" + findings.name + ".yaml",
          output + "/web/" + findings.name + "." + findings.web_server + ".conf"};
}

int refuse(const base::Error& error, int code) {
  print_error(error.text());
  return code;
}

std::vector<std::string> applications_of(const std::string& catalog) {
  std::vector<std::string> out;
  for (const std::string& path : profiles_in(catalog)) {
    const auto slash = path.rfind('/');
    const std::string name = path.substr(slash + 1, path.size() - slash - 1 - std::string_view(".yaml").size());
    if (name != "base") out.push_back(name);
  }
  return out;
}

// The pool file as if it lay there already: what fpmbox itself could not read is never written.
profiles::Composed compose_text(const std::string& file, const std::string& text, const std::string& catalog,
                                base::Diagnostics& diagnostics) {
  const auto read = [&](const std::string& path) -> base::Result<std::string> {
    return path == file ? text : read_profile(path);
  };
  auto composed = profiles::compose(catalog, read, file, diagnostics);
  profiles::check_policy({composed, diagnostics, true});
  return composed;
}

// A folder of the system is no application: said before a user is made for it.
void check_code(const Findings& findings, const profiles::Composed& composed, base::Diagnostics& diagnostics) {
  launcher::HostFacts facts;
  facts.paths[findings.code] = launcher::look_at(findings.code);
  for (const launcher::HostCheck& check : launcher::host_checks())
    if (check.name == "code") check.run({composed.policy, composed.origins, facts, diagnostics});
}

base::Result<std::string> snippet_of(const Findings& findings, const profiles::Policy& policy) {
  return findings.web_server == "apache" ? profiles::export_apache(policy) : profiles::export_nginx(policy);
}

void say_findings(const Findings& findings, const std::string& catalog) {
  std::printf("%s in %s, as pool %s\n", findings.title.c_str(), findings.code.c_str(), findings.name.c_str());
  if (findings.version != findings.code) std::printf("  its version   %s\n", findings.version.c_str());
  const bool is_any = findings.profile == "php-fpm";
  std::printf("  profile       %s%s\n", findings.profile.c_str(), is_any ? "" : ("; the application's own settings are told in " + catalog + "/" + findings.profile + ".yaml").c_str());
  std::printf("  user          %s%s\n", findings.user.c_str(), findings.user_exists ? ", who exists" : "");
  std::printf("  data          %s\n", findings.data.c_str());
  std::printf("  web server    %s, group %s\n", findings.web_server.c_str(), findings.web_group.c_str());
  std::printf("  PHP           %s\n", findings.php_versions.front().c_str());
  for (const std::string& socket : findings.databases) std::printf("  database      %s\n", socket.c_str());
  if (findings.databases.empty() && findings.database_is_sure)
    std::printf("  database      none runs here at a usual place; name its socket in the pool file: connect:\n");
  std::printf("\n");
}

// Root copies from it: whoever can change it meanwhile could turn a folder into a link to somewhere else.
void warn_of_writers(const Findings& findings, const std::vector<launcher::Place>& places) {
  for (const launcher::Place& place : places)
    if (!place.writer.empty() && !place.in_data)
      std::fprintf(stderr, "fpmbox: %s/%s belongs to %s: stop what writes there (the site's old pool) before it is copied\n",
                   findings.version.c_str(), place.path.c_str(), place.writer.c_str());
}

// Composer's usual layout: what visitors see is one folder of the application.
void warn_of_application_above(const Findings& findings, const Files& files) {
  const auto slash = findings.version.rfind('/');
  const std::string above = findings.version.substr(0, slash), seen = findings.version.substr(slash + 1);
  const auto has_vendor = [](const std::string& folder) { return ::access((folder + "/vendor/autoload.php").c_str(), F_OK) == 0; };
  if (has_vendor(findings.version) || !has_vendor(above)) return;
  std::fprintf(stderr,
               "fpmbox: the box does not see %s/vendor, which lies above the code. Where the application loads it, write "
               "code: %s and web: {document_root: %s} in %s, then `fpmbox export %s` writes the snippet anew\n",
               above.c_str(), above.c_str(), seen.c_str(), files.pool.c_str(), findings.web_server.c_str());
}

void say_steps(const std::vector<Step>& steps) {
  std::printf("To be run as root (fpmbox init --apply does it):\n\n");
  for (const Step& step : steps) std::printf("  %s\n", launcher::as_typed(step.words).c_str());
  std::printf("\n");
}

// Stops at the first that fails. All of them can be run again.
bool run_steps(const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    std::printf("  %s   # %s\n", launcher::as_typed(step.words).c_str(), step.why.c_str());
    const auto done = launcher::run_step(step);
    if (done) continue;
    print_error(done.error().text());
    const auto count = static_cast<std::size_t>(&step - steps.data());
    std::fprintf(
        stderr,
        "%zu of %zu steps are done and stay; the site's own files are untouched, and no pool file was written. "
        "Put it right and run the same command again: it goes on from there.\n",
        count, steps.size());
    return false;
  }
  std::printf("\n");
  return true;
}

void say_what_is_next(const Findings& findings, const Files& files, const std::string& output, bool has_jobs) {
  const bool is_installed = output == kOutput;
  const std::string pool = is_installed ? findings.name : files.pool;
  std::printf("Written: %s\n         %s\n\n", files.pool.c_str(), files.snippet.c_str());
  if (findings.web_server == "nginx")
    std::printf(
        "In nginx, as the one thing of the site's server { } beside listen and server_name:\n\n  include %s;\n\n",
        files.snippet.c_str());
  else
    std::printf(
        "In Apache, as the one thing of the site's <VirtualHost> beside ServerName (a2enmod proxy_fcgi headers):\n\n"
        "  Include %s\n\n",
        files.snippet.c_str());
  std::fputs(launcher::installing_text(findings, files.pool).c_str(), stdout);
  if (has_jobs)
    std::printf("Its jobs are started by timers of systemd alone, which this writes and says how to switch on:\n\n  fpmbox export timers %s\n\n",
                pool.c_str());
  std::printf("Next:\n\n  fpmbox check %s\n", pool.c_str());
  if (is_installed && systemd_runs())
    std::printf("  systemctl enable --now fpmbox@%s\n", findings.name.c_str());
  else
    std::printf("  fpmbox run %s\n", pool.c_str());
}

struct NewFile {
  std::string path;
  std::string text;
};

// As an earlier run left it, for one without --apply comes before the one with it.
bool is_written(const NewFile& file) {
  const auto there = sys::read_file(file.path, file.text.size() + 1);
  return there && there.value() == file.text;
}

base::Status check_free(const std::vector<NewFile>& files) {
  for (const NewFile& file : files)
    if (::access(file.path.c_str(), F_OK) == 0 && !is_written(file))
      return base::Error{"`" + file.path +
                             "` is there already, with another text, and is not overwritten; give the pool another name with "
                             "--name, or remove the file",
                         {},
                         0,
                         {}};
  return base::success();
}

int write_files(const std::vector<NewFile>& files) {
  for (const NewFile& file : files) {
    if (is_written(file)) continue;
    if (const auto written = launcher::write_new_file(file.path, file.text); !written) return refuse(written.error(), kSetupFailed);
  }
  return kDone;
}

int init(InitOptions options, const Globals& globals) {
  if (::geteuid() != 0) {
    print_error("init makes a user and writes to " + options.output +
                "; run it as root. Without root, write ~/.config/fpmbox/pools/NAME.yaml");
    return kUsage;
  }
  const auto catalog = find_catalog(globals.catalog);
  if (!catalog) return refuse(catalog.error(), kUsage);
  options.request.profiles = applications_of(catalog.value());
  const auto found = launcher::look_at_site(options.request);
  if (!found) return refuse(found.error(), kUsage);
  const Findings& findings = found.value();
  const Files files = files_of(findings, options.output);

  base::Diagnostics diagnostics;
  const std::string text = launcher::pool_text(findings);
  const auto composed = compose_text(files.pool, text, catalog.value(), diagnostics);
  check_code(findings, composed, diagnostics);
  print_diagnostics(diagnostics, stderr);
  if (diagnostics.has_errors()) return kUsage;  // the text is our own; the places in it are not
  const auto snippet = snippet_of(findings, composed.policy);
  if (!snippet) return refuse(snippet.error(), kUsage);
  const std::vector<NewFile> written = {{files.pool, text}, {files.snippet, snippet.value()}};
  if (const auto free = check_free(written); !free) return refuse(free.error(), kUsage);

  say_findings(findings, catalog.value());
  const auto places = launcher::look_at_places(findings, composed.policy.filesystem);
  const auto steps = launcher::steps_for(findings, places);
  warn_of_writers(findings, places);
  warn_of_application_above(findings, files);
  if (!options.apply)
    say_steps(steps);
  else if (!run_steps(steps))
    return kSetupFailed;
  if (const int code = write_files(written); code != kDone) return code;
  say_what_is_next(findings, files, options.output, !composed.policy.jobs.empty());
  return kDone;
}

}  // namespace

void add_init(App app, Globals& globals) {
  auto options = std::make_shared<InitOptions>();
  App command =
      app.add_subcommand("init", "a first pool file for an application, its user, data folder and web server's snippet")
          .group(kStart);
  auto& request = options->request;
  command.add_option("APP", request.application, "a profile of the catalog, such as dokuwiki, or auto").required();
  command.add_option("PATH", request.path, "where it lies: a folder, or a symlink to a version").required();
  command.add_option("--name", request.name, "of the pool; from the path when absent").type_name("NAME");
  command.add_option("--data", request.data, "folder for what it writes; /var/lib/www-NAME when absent")
      .type_name("FOLDER");
  command.add_option("--web", request.web_server, "nginx or apache; the one that runs when absent")
      .one_of({"nginx", "apache"})
      .type_name("SERVER");
  command.add_option("--output", options->output, "folder for the files, in place of /etc/fpmbox")
      .type_name("FOLDER");
  command.add_flag("--apply", options->apply, "run the commands, too, not only print them");
  command.callback([options, &globals] { globals.command = [options, &globals] { return init(*options, globals); }; });
}

}  // namespace cli
