#include "launcher/learn/extensions.h"

#include <algorithm>

#include "launcher/learn/recording_plan.h"
#include "launcher/plan/inside.h"
#include "launcher/plan/render_prelude.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestText = 4096;

constexpr const char* kScript = R"php(
set_time_limit(0);
error_reporting(0);
$asked = $seen = $drivers = [];
$questions = ['function_exists', 'class_exists', 'interface_exists', 'extension_loaded', 'is_callable', 'defined'];
$qualified = array_filter(array_map(fn ($n) => defined($n) ? constant($n) : null, ['T_NAME_QUALIFIED', 'T_NAME_FULLY_QUALIFIED']));
$members = array_filter(array_map(fn ($n) => defined($n) ? constant($n) : null, ['T_OBJECT_OPERATOR', 'T_NULLSAFE_OBJECT_OPERATOR', 'T_DOUBLE_COLON']));
foreach (file($list . '/scripts', FILE_IGNORE_NEW_LINES) ?: [] as $file) {
    if (filesize($file) > 2097152) continue;
    $tokens = array_values(array_filter(token_get_all((string) file_get_contents($file)),
        fn ($t) => !is_array($t) || !in_array($t[0], [T_WHITESPACE, T_COMMENT, T_DOC_COMMENT, T_INLINE_HTML], true)));
    $namespaced = false;
    $imported = [];
    foreach ($tokens as $i => $token) {
        if (!is_array($token)) continue;
        [$kind, $text, $line] = $token;
        $before = $tokens[$i - 1] ?? '';
        $kind_before = is_array($before) ? $before[0] : $before;
        $after = $tokens[$i + 1] ?? '';
        if ($kind === T_NAMESPACE && ($after[0] ?? '') !== T_NS_SEPARATOR) $namespaced = true;
        if ($kind === T_CONSTANT_ENCAPSED_STRING && $kind_before === '(' && is_array($tokens[$i - 2] ?? '')
            && in_array(strtolower(ltrim($tokens[$i - 2][1], '\\')), $questions, true))
            $asked[strtolower(ltrim(stripslashes(substr($text, 1, -1)), '\\'))] = [$file, $line];
        // "mysql:host=...", where PDO finds its driver
        if (in_array($kind, [T_CONSTANT_ENCAPSED_STRING, T_ENCAPSED_AND_WHITESPACE], true)
            && preg_match('/^["\']?(mysql|pgsql|sqlite|odbc|dblib|firebird|oci|sqlsrv):/', $text, $found))
            $drivers["pdo_$found[1]"] ??= ["'$found[1]:'", $file, $line];
        if ($kind !== T_STRING && !in_array($kind, $qualified, true)) continue;
        $name = ltrim($text, '\\');
        if ($kind_before === T_USE) $imported[strtolower(substr(strrchr('\\' . $name, '\\'), 1))] = 1;
        if (strpos($name, '\\') !== false) continue;
        $is_class = $kind_before === T_NEW || $kind_before === T_EXTENDS || $kind_before === T_IMPLEMENTS
            || (is_array($after) && $after[0] === T_DOUBLE_COLON);
        if ($is_class && $kind === T_STRING && $namespaced && !isset($imported[strtolower($name)])) continue;
        $is_call = !$is_class && $after === '(' && $kind_before !== T_FUNCTION && !in_array($kind_before, $members, true);
        if ($is_class || $is_call) $seen[($is_call ? 'f ' : 'c ') . strtolower($name)] ??= [$name, $file, $line];
    }
}
$own = fn ($name) => $name === 'Zend OPcache' ? 'opcache' : strtolower((string) $name);
$uses = [];
foreach ($seen as $key => [$name, $file, $line]) {
    $is_call = $key[0] === 'f';
    if ($is_call ? !function_exists($name) : !class_exists($name, false) && !interface_exists($name, false)) continue;
    $extension = $own(($is_call ? new ReflectionFunction($name) : new ReflectionClass($name))->getExtensionName());
    if ($extension === '') continue;
    $how = isset($asked[strtolower($name)]) || isset($asked[$extension]) ? 'perhaps' : 'needed';
    if (($uses[$extension][0] ?? '') !== 'needed' && ($how === 'needed' || !isset($uses[$extension])))
        $uses[$extension] = [$how, $name . ($is_call ? '()' : ''), $file, $line];
    $questioned[$extension] = ($questioned[$extension] ?? false) || $how === 'perhaps';
}
foreach ($drivers as $extension => $use)
    if (isset($uses['pdo']) && extension_loaded($extension)) $uses[$extension] ??= ['needed', ...$use];
foreach (get_loaded_extensions() as $name)
    if (isset($asked[strtolower($name)]) && !isset($uses[$own($name)])) $uses[$own($name)] = ['asked_for', $name, ...$asked[strtolower($name)]];
foreach (array_merge(get_loaded_extensions(), get_loaded_extensions(true)) as $name)
    if (isset($uses[$own($name)])) {
        $needs = array_keys(array_filter((new ReflectionExtension($name))->getDependencies(), fn ($how) => strpos($how, 'Required') === 0));
        $uses[$own($name)][4] = implode(',', array_map($own, $needs));
    }
foreach ($uses as $extension => $use) if ($use[0] === 'needed' && ($questioned[$extension] ?? false)) $uses[$extension][0] = 'perhaps';
ksort($uses);
header('Content-Type: text/plain');
foreach ($uses as $extension => $use) echo implode("\t", [$extension, ...array_pad($use, 5, '')]), "\n";
)php";

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == text.npos;
}

constexpr std::pair<std::string_view, ExtensionUse::How> kHows[] = {
    {"needed", ExtensionUse::How::needed}, {"perhaps", ExtensionUse::How::perhaps}, {"asked_for", ExtensionUse::How::asked_for}};

std::optional<ExtensionUse> parse_line(const std::string& line) {
  const auto parts = base::split(line, '\t');
  if (parts.size() != 6 || line.size() > kLongestText || !is_name(parts[0])) return std::nullopt;
  const auto how = std::find_if(std::begin(kHows), std::end(kHows), [&](const auto& row) { return row.first == parts[1]; });
  if (how == std::end(kHows)) return std::nullopt;
  ExtensionUse out{parts[0], how->second, parts[2], parts[3], 0, {}};
  out.line = static_cast<unsigned>(base::parse_unsigned(parts[4]).value_or(0));
  for (const std::string& name : base::split(parts[5], ','))
    if (is_name(name)) out.depends_on.push_back(name);
  return out;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string render_extensions_script() {
  return "<?php\n// generated by fpmbox learn: of which extension is what the recorded scripts refer to?\n$list = " +
         php_string(inside::kRecorded) + ";" + kScript;
}

std::vector<ExtensionUse> parse_extensions(std::string_view answer) {
  std::vector<ExtensionUse> out;
  for (const std::string& line : base::split(answer, '\n'))
    if (auto use = parse_line(line)) out.push_back(std::move(*use));
  return out;
}

std::vector<ExtensionUse> missing_extensions(const std::vector<ExtensionUse>& uses, const profiles::Policy& policy, const PhpFacts& php) {
  std::vector<ExtensionUse> out;
  const auto is_new = [&](const std::string& name) {
    return has(php.shared, name) && !is_never_loaded(name) && !has(policy.php.extensions, name) &&
           std::none_of(out.begin(), out.end(), [&](const ExtensionUse& one) { return one.name == name && one.how != ExtensionUse::How::asked_for; });
  };
  for (const ExtensionUse& use : uses)
    if (is_new(use.name)) out.push_back(use);
  for (const ExtensionUse& use : uses) {
    if (use.how == ExtensionUse::How::asked_for) continue;
    for (const std::string& other : use.depends_on) {
      if (!is_new(other)) continue;
      std::erase_if(out, [&](const ExtensionUse& one) { return one.name == other; });
      out.push_back({other, ExtensionUse::How::needed, "extension " + use.name, use.script, use.line, {}});
    }
  }
  std::sort(out.begin(), out.end(), [](const ExtensionUse& a, const ExtensionUse& b) { return a.name < b.name; });
  return out;
}

}  // namespace launcher
