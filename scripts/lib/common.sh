# Sourced by scripts/test and tests/real/tryton. Only what both need.

# Everything the tests install, seed or write lives here, never in the tree.
cache_dir() {
  local dir="${SKUERY_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/skuery-tests}"
  mkdir -p "$dir" && (cd "$dir" && pwd)
}

# apt_install PACKAGE... : quietly, and only those that are missing.
apt_install() {
  local missing=() package log
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "these Debian packages are missing; install them as root: ${missing[*]}" >&2
    return 1
  fi
  echo "installing with apt: ${missing[*]}" >&2
  log="$(cache_dir)/apt.log"
  # A stale or partly unreachable index is no reason to stop: the install itself decides.
  DEBIAN_FRONTEND=noninteractive apt-get -q update >"$log" 2>&1 || true
  DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install "${missing[@]}" >>"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    return 1
  }
}

# python_venv DIR PIP-ARGUMENT... : a finished virtual environment in DIR, made once.
python_venv() {
  local dir="$1"
  shift
  [ ! -e "$dir/.complete" ] || return 0
  python3 -c 'import venv, ensurepip' 2>/dev/null || apt_install python3 python3-venv || return 1
  rm -rf "$dir"
  python3 -m venv "$dir" || return 1
  "$dir/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2 || return 1
  touch "$dir/.complete"
}
