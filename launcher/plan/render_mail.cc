#include "launcher/plan/render_mail.h"

#include <algorithm>

#include "launcher/plan/render_prelude.h"

namespace launcher {
namespace {

// What SMTP and a header take without a second thought; a machine's name may be anything.
std::string domain_of(std::string host_name) {
  const auto is_other = [](char c) {
    return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.');
  };
  std::replace_if(host_name.begin(), host_name.end(), is_other, '-');
  return host_name.empty() ? "localhost" : host_name;
}

std::string server_of(const profiles::Mail& mail) {
  return mail.unix_path.text.empty() ? "tcp://" + mail.tcp : "unix://" + mail.unix_path.text;
}

// Everything lives in the one function: an application sees mail() and nothing else. Checks of the arguments come in the
// order, and end in the same way, as in PHP's own (ext/standard/mail.c): a sender who is refused there is refused here.
constexpr const char* kFunction = R"PHP(
if (!function_exists('mail')) {
function mail(?string $to, ?string $subject, ?string $message, array|string|null $additional_headers = [], ?string $additional_params = ''): bool
{
    // PHP's own takes null for "", as applications that were written for PHP 7 pass it
    $to ??= ''; $subject ??= ''; $message ??= ''; $additional_headers ??= []; $additional_params ??= '';
    foreach (['to' => $to, 'subject' => $subject, 'message' => $message, 'additional_params' => $additional_params] as $name => $text)
        if (strpos($text, "\0") !== false) throw new ValueError("mail(): Argument \$$name must not contain any null bytes");

    $fail = static function (string $why) use ($server): bool {
        $why = addcslashes(substr($why, 0, 500), "\0..\37\177");
        trigger_error("mail(): $why (mail server $server)", E_USER_WARNING);
        return false;
    };
    // a line may go on in the next one, which then begins with a space; any other end of line begins a header of the sender's choice
    $is_folded = static fn (string $text): bool => !preg_match('/\r(?!\n)|(?<!\r)\n(?![ \t])|\r\n(?![ \t])|\r?\n[ \t]*(?=\r?\n|\z)/', $text);
    // to and subject: PHP turns control characters into spaces
    $flat = static fn (string $text): string => preg_replace('/\r\n[ \t]+|[\x00-\x1f\x7f]/', ' ', rtrim($text));

    $headers = [];
    if (is_array($additional_headers)) {
        foreach ($additional_headers as $name => $values) {
            if (is_int($name)) throw new TypeError('mail(): headers must have a name, int given');
            if (!preg_match('/\A[\x21-\x39\x3b-\x7e]+\z/', $name)) throw new ValueError('mail(): a header has an invalid name');
            foreach ((array) $values as $value) {
                if (!is_string($value)) throw new TypeError("mail(): header \"$name\" must be of type array|string");
                if (strpos($value, "\0") !== false || !$is_folded($value)) throw new ValueError("mail(): header \"$name\" has an invalid value");
                $headers[] = [$name, $value];
            }
        }
    } else {
        $text = trim($additional_headers);
        if (strpos($text, "\0") !== false) throw new ValueError('mail(): Argument #4 ($additional_headers) must not contain any null bytes');
        if (preg_match('/\A[\r\n]|\r\n[ \t]*\r?\n|\n[ \t]*\r?\n|\r(?!\n)/', $text)) return $fail('multiple or malformed newlines found in additional_header');
        foreach ($text === '' ? [] : preg_split('/\r?\n(?![ \t])/', $text) as $line) {
            if (!preg_match('/\A([\x21-\x39\x3b-\x7e]+)[ \t]*:[ \t]*(.*)\z/s', $line, $parts)) return $fail('a header has no name');
            $headers[] = [$parts[1], $parts[2]];
        }
    }

    // The addresses of a list such as: "Who, Else" <who@example.org>, one@example.org (a comment), group: two@example.org;
    // null for what is none, so that nothing is read out of it that its author did not mean
    $addresses = static function (string $list) use ($is_folded): ?array {
        if (!$is_folded(trim($list))) return null;
        $list = preg_replace('/\r?\n/', '', $list);
        preg_match_all('/"(?:[^"\\\\]|\\\\.)*"|\((?:[^()\\\\]|\\\\.)*\)|<[^<>]*>|[,;:]|[^",;:<>()]+|./s', $list, $tokens);
        $found = []; $word = ''; $angle = null;
        foreach ([...$tokens[0], ','] as $token) {
            if ($token[0] === '(' && strlen($token) > 1) continue;
            if ($token === ',' || $token === ';') {
                $address = trim($angle ?? $word);
                if ($address !== '') $found[] = $address;
                $word = ''; $angle = null;
            } elseif ($angle !== null) {
                if (trim($token) !== '') return null;
            } elseif ($token === ':') {
                if (strpos($word, '@') !== false) return null;
                $word = '';  // the name of a group
            } elseif ($token[0] === '<' && strlen($token) > 1) $angle = substr($token, 1, -1);
            else $word .= $token;
        }
        return $found;
    };
    $is_address = static fn (string $text): bool => strlen($text) <= 254 && preg_match('/\A(?:[\x21\x23-\x27\x2a\x2b\x2d-\x39\x3d\x3f\x41-\x5a\x5e-\x7e]+)(?:@[A-Za-z0-9.\-\[\]:]+)?\z/', $text) === 1;

    $recipients = $addresses($to);
    if ($recipients === null) return $fail('To: is no list of mail addresses');
    $sender = null; $kept = []; $names = [];
    foreach ($headers as [$name, $value]) {
        $lower = strtolower($name);
        if ($lower === 'cc' || $lower === 'bcc' || $lower === 'from') {
            $listed = $addresses($value);
            if ($listed === null) return $fail("$name: is no list of mail addresses");
            if ($lower === 'from') $sender ??= $listed[0] ?? null;
            else array_push($recipients, ...$listed);
        }
        if ($lower === 'bcc') continue;
        if ($lower === 'to' || $lower === 'subject') continue;  // they are arguments
        $names[$lower] = true;
        $kept[] = "$name: " . preg_replace('/\r?\n/', "\r\n", $value);
    }
    if (preg_match('/(?:\A|\s)-f\s*(\S+)/', $additional_params, $parts)) $sender = trim($parts[1], '\'"');
    elseif ($from !== '') $sender = $from;
    $sender ??= ini_get('sendmail_from') ?: $fallback;
    $recipients = array_values(array_unique($recipients));
    if ($recipients === []) return $fail('no recipient');
    foreach ([$sender, ...$recipients] as $address)
        if (!$is_address($address)) return $fail("\"$address\" is not a mail address");

    if (!isset($names['from'])) array_unshift($kept, "From: $sender");
    if (!isset($names['date'])) $kept[] = 'Date: ' . date(DATE_RFC2822);
    if (!isset($names['message-id'])) $kept[] = 'Message-ID: <' . bin2hex(random_bytes(16)) . "@$domain>";
    $text = 'To: ' . $flat($to) . "\r\nSubject: " . $flat($subject) . "\r\n" . implode("\r\n", $kept) . "\r\n\r\n"
        . preg_replace('/\r\n|\r|\n/', "\r\n", $message);
    $text = str_replace("\n.", "\n..", $text);  // a lone dot would end the message
    if (substr($text, -2) !== "\r\n") $text .= "\r\n";

    $smtp = @stream_socket_client($server, $code, $why, 10);
    if (!$smtp) return $fail("no connection: $why");
    stream_set_timeout($smtp, 60);
    $deadline = hrtime(true) + 120 * 1000000000;
    $send = static function (string $bytes) use ($smtp, $deadline): bool {
        while ($bytes !== '') {
            $count = @fwrite($smtp, $bytes);
            if (!$count || hrtime(true) > $deadline) return false;
            $bytes = substr($bytes, $count);
        }
        return true;
    };
    // an answer has as many lines as it likes; the last has a space behind its number
    $hear = static function () use ($smtp, $deadline): string {
        for ($answer = '', $lines = 0; $lines < 100 && hrtime(true) < $deadline; ++$lines) {
            $line = @fgets($smtp, 2048);
            if (!is_string($line)) return $answer === '' ? 'no answer' : "$answer (cut off)";
            $answer .= ($answer === '' ? '' : ' / ') . rtrim($line);
            if (isset($line[3]) && $line[3] === '-') continue;
            return $lines === 0 ? $answer : substr($line, 0, 3) . ' ' . $answer;
        }
        return 'no end of its answer';
    };
    $ask = static function (string $words, string $wanted) use ($send, $hear): ?string {
        $answer = $send("$words\r\n") ? $hear() : 'the connection broke';
        return $answer[0] === $wanted ? null : $answer;
    };
    $answer = $hear();
    $refused = $answer[0] === '2' ? $ask("EHLO $domain", '2') : $answer;
    if ($refused !== null && $answer[0] === '2') $refused = $ask("HELO $domain", '2');
    $refused ??= $ask("MAIL FROM:<$sender>", '2');
    foreach ($recipients as $recipient) $refused ??= $ask("RCPT TO:<$recipient>", '2');
    $refused ??= $ask('DATA', '3');
    if ($refused === null) {
        $answer = $send("$text.\r\n") ? $hear() : 'the connection broke';
        $refused = $answer[0] === '2' ? null : $answer;
    }
    if ($refused === null) $ask('QUIT', '2');
    fclose($smtp);
    return $refused === null || $fail($refused);
}
}
)PHP";

}  // namespace

bool has_mail(const profiles::Policy& policy) { return !policy.mail.unix_path.text.empty() || !policy.mail.tcp.empty(); }

std::string render_mail(const profiles::Policy& policy, const std::string& host_name) {
  if (!has_mail(policy)) return {};
  const std::string domain = domain_of(host_name);
  // constants of the function, set where it begins
  const std::string constants = "    $server = " + php_string(server_of(policy.mail)) + "; $domain = " + php_string(domain) +
                                "; $from = " + php_string(policy.mail.from) + "; $fallback = " +
                                php_string(policy.identity.user + "@" + domain) + ";\n";
  std::string out = kFunction;
  const std::string start = ": bool\n{\n";
  out.insert(out.find(start) + start.size(), constants);
  return "// mail() of this pool: by SMTP, to the server that the profile names" + out;
}

}  // namespace launcher
