#include "launcher/denials/php_extensions.h"

#include <string>
#include <span>

namespace launcher {
namespace {

// A name, or the beginning of names with a star behind it. The first row that fits counts.
struct Row {
  std::string_view name;
  std::string_view extension;
};

// clang-format off: a row per line hides which names belong together
// From PHP's own lists (get_extension_funcs, ReflectionExtension) of 8.2, and PECL's for the rest.
constexpr Row kFunctions[] = {
    {"mb_*", "mbstring"}, {"ctype_*", "ctype"}, {"iconv*", "iconv"}, {"token_*", "tokenizer"}, {"posix_*", "posix"},
    {"finfo_*", "fileinfo"}, {"mime_content_type", "fileinfo"}, {"exif_*", "exif"}, {"gd_info", "gd"},
    {"image_type_to_*", ""}, {"image*", "gd"},  // image_type_to_mime_type and image_type_to_extension are PHP's own
    {"curl_*", "curl"}, {"xml_*", "xml"}, {"xmlwriter_*", "xmlwriter"}, {"simplexml_*", "simplexml"}, {"dom_*", "dom"},
    {"mysqli_*", "mysqli"}, {"pg_*", "pgsql"}, {"pdo_drivers", "pdo"}, {"odbc_*", "odbc"}, {"ldap_*", "ldap"}, {"imap_*", "imap"},
    {"ftp_*", "ftp"}, {"socket_set_blocking", ""}, {"socket_set_timeout", ""}, {"socket_get_status", ""}, {"socket_*", "sockets"},
    {"bcadd", "bcmath"}, {"bcsub", "bcmath"}, {"bcmul", "bcmath"}, {"bcdiv", "bcmath"}, {"bcmod", "bcmath"}, {"bcpow*", "bcmath"},
    {"bcsqrt", "bcmath"}, {"bccomp", "bcmath"}, {"bcscale", "bcmath"}, {"gmp_*", "gmp"},
    {"intl*", "intl"}, {"numfmt_*", "intl"}, {"datefmt_*", "intl"}, {"collator_*", "intl"}, {"normalizer_*", "intl"},
    {"locale_*", "intl"}, {"msgfmt_*", "intl"}, {"idn_*", "intl"}, {"grapheme_*", "intl"}, {"transliterator_*", "intl"},
    {"resourcebundle_*", "intl"},
    {"gettext", "gettext"}, {"_", "gettext"}, {"ngettext", "gettext"}, {"dgettext", "gettext"}, {"dngettext", "gettext"},
    {"dcgettext", "gettext"}, {"dcngettext", "gettext"}, {"textdomain", "gettext"}, {"bindtextdomain", "gettext"},
    {"bind_textdomain_codeset", "gettext"},
    {"cal_*", "calendar"}, {"easter_*", "calendar"}, {"jd*", "calendar"}, {"juliantojd", "calendar"}, {"gregoriantojd", "calendar"},
    {"jewishtojd", "calendar"}, {"frenchtojd", "calendar"}, {"unixtojd", "calendar"},
    {"readline*", "readline"}, {"shmop_*", "shmop"}, {"msg_*", "sysvmsg"}, {"sem_*", "sysvsem"}, {"shm_*", "sysvshm"},
    {"opcache_*", "opcache"}, {"apcu_*", "apcu"}, {"bzopen", "bz2"}, {"bzread", "bz2"}, {"bzwrite", "bz2"}, {"bzclose", "bz2"},
    {"bzcompress", "bz2"}, {"bzdecompress", "bz2"}, {"zip_*", "zip"}, {"tidy_*", "tidy"}, {"enchant_*", "enchant"}, {"pspell_*", "pspell"},
    {"snmp*", "snmp"}, {"ssh2_*", "ssh2"}, {"gnupg_*", "gnupg"}, {"igbinary_*", "igbinary"}, {"msgpack_*", "msgpack"},
    {"yaml_*", "yaml"}, {"uuid_*", "uuid"}, {"mcrypt_*", "mcrypt"}, {"rrd_*", "rrd"}, {"use_soap_error_handler", "soap"},
    {"is_soap_fault", "soap"},
};
constexpr Row kClasses[] = {
    {"domainexception", ""}, {"dom*", "dom"}, {"xmlreader", "xmlreader"}, {"xmlwriter", "xmlwriter"}, {"simplexml*", "simplexml"},
    {"xsltprocessor", "xsl"}, {"xmlparser", "xml"}, {"pdo", "pdo"}, {"pdoexception", "pdo"}, {"pdostatement", "pdo"}, {"pdorow", "pdo"}, {"ftp\\*", "ftp"}, {"mysqli*", "mysqli"},
    {"sqlite3*", "sqlite3"}, {"collator", "intl"}, {"numberformatter", "intl"}, {"locale", "intl"}, {"normalizer", "intl"},
    {"messageformatter", "intl"}, {"resourcebundle", "intl"}, {"transliterator", "intl"}, {"spoofchecker", "intl"}, {"uconverter", "intl"},
    {"intl*", "intl"}, {"curlfile", "curl"}, {"curlstringfile", "curl"}, {"curlhandle", "curl"}, {"finfo", "fileinfo"},
    {"phptoken", "tokenizer"}, {"phar*", "phar"}, {"ffi*", "ffi"}, {"gdimage", "gd"}, {"gdfont", "gd"}, {"ziparchive", "zip"}, {"soap*", "soap"},
    {"gmp", "gmp"}, {"tidy", "tidy"}, {"tidynode", "tidy"}, {"imagick*", "imagick"}, {"gmagick*", "gmagick"}, {"redis*", "redis"},
    {"memcached*", "memcached"}, {"memcache", "memcache"}, {"apcuiterator", "apcu"}, {"snmp", "snmp"}, {"mongodb\\*", "mongodb"},
    {"ldap\\*", "ldap"}, {"imap\\*", "imap"}, {"pgsql\\*", "pgsql"}, {"sysvmessagequeue", "sysvmsg"}, {"sysvsemaphore", "sysvsem"},
    {"sysvsharedmemory", "sysvshm"}, {"shmop", "shmop"},
};
constexpr Row kConstants[] = {
    {"CURL*", "curl"}, {"MB_*", "mbstring"}, {"IMG_*", "gd"}, {"XSL_*", "xsl"}, {"MYSQLI_*", "mysqli"}, {"SQLITE3_*", "sqlite3"},
    {"INTL_*", "intl"}, {"IDNA_*", "intl"}, {"GRAPHEME_*", "intl"}, {"XML_ELEMENT_NODE", "dom"}, {"XML_TEXT_NODE", "dom"},
    {"XML_*", "xml"}, {"FILEINFO_*", "fileinfo"}, {"GMP_*", "gmp"}, {"LDAP_*", "ldap"}, {"FTP_*", "ftp"}, {"PGSQL_*", "pgsql"},
    {"SOAP_*", "soap"}, {"POSIX_*", "posix"}, {"CAL_*", "calendar"}, {"T_*", "tokenizer"}, {"AF_INET", "sockets"}, {"SOL_TCP", "sockets"},
};
// clang-format on

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool fits(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

std::string_view look_up(std::span<const Row> table, std::string_view name) {
  constexpr std::size_t kLongest = 128;
  if (name.size() > kLongest) return {};
  for (const Row& row : table)
    if (fits(row.name, name)) return row.extension;
  return {};
}

std::string lowered(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = lower(c);
  return out;
}

}  // namespace

std::string_view extension_of_function(std::string_view name) { return look_up(kFunctions, lowered(name)); }
std::string_view extension_of_class(std::string_view name) { return look_up(kClasses, lowered(name)); }
std::string_view extension_of_constant(std::string_view name) { return look_up(kConstants, name); }

}  // namespace launcher
