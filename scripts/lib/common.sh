# Shared by the bash scripts: how they speak and how they give up. Sourced, never run.

say() { printf '  %s\n' "$*"; }
heading() { printf '\n%s\n' "$*"; }

# fail WHAT [WHY] [WHAT TO DO]
fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  [ -z "${2:-}" ] || printf '  because: %s\n' "$2" >&2
  [ -z "${3:-}" ] || printf '  do this: %s\n' "$3" >&2
  exit 71
}

usage_error() {
  printf '%s: %s\n%s\n' "${0##*/}" "$2" "$1" >&2
  exit 64
}

need_root() {
  [ "$(id -u)" = 0 ] || fail "$1 needs root" "this is $(id -un)" "run it as root, for example with sudo"
}
