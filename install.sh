#!/bin/sh
# Installs docker tidy: one verified file in docker's plugin folder, for a user with no toolchain.
# All of it is functions, called on the last line: `curl … | sh` cut off half-way does nothing.
set -eu

usage() {
  cat <<'USAGE'
Usage:  sh install.sh [OPTIONS]

Install docker tidy, a plugin of the docker command line

Options:
      --version V         Install this version (default: the latest)
      --from PLACE        Where to take it from: a URL, a folder or a file, the
                          program itself or a .tar.gz that holds it
                          (default: $DOCKER_TIDY_URL, else the project's releases on GitHub)
      --checksum SHA256   Accept only a file with this checksum, instead of looking in SHA256SUMS
      --system            For every user: /usr/local/lib/docker/cli-plugins (needs root)
      --dir DIR           Into this folder (default: ${DOCKER_CONFIG:-~/.docker}/cli-plugins)
      --uninstall         Remove it from where these options put it
  -h, --help              Print this
USAGE
}

main() {
  LC_ALL=C
  export LC_ALL
  releases=https://github.com/docker-tidy/docker-tidy/releases
  version='' from='' checksum='' system='' dir='' uninstall=''
  parse "$@"
  locate
  if [ -n "$uninstall" ]; then
    remove
  else
    install_plugin
  fi
}

say() { printf '%s\n' "$*"; }
warn() { printf 'Warning: %s\n' "$*" >&2; }

die() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

misuse() {
  printf "install.sh: %s\n\nRun 'sh install.sh --help' for its options\n" "$*" >&2
  exit 2
}

# --- What was asked ---

parse() {
  while [ $# -gt 0 ]; do
    case $1 in
      --version=* | --from=* | --checksum=* | --dir=*) option "${1%%=*}" "${1#*=}" ;;
      --version | --from | --checksum | --dir)
        [ $# -ge 2 ] || misuse "$1 needs a value"
        option "$1" "$2"
        shift
        ;;
      --system) system=yes ;;
      --uninstall) uninstall=yes ;;
      -h | --help) usage && exit 0 ;;
      -*) misuse "unknown option: $1" ;;
      *) misuse "unexpected argument: $1" ;;
    esac
    shift
  done
  [ -z "$system" ] || [ -z "$dir" ] || misuse '--system and --dir exclude each other'
  [ -z "$uninstall" ] || [ -z "$version$from$checksum" ] ||
    misuse '--uninstall takes no --version, --from or --checksum'
}

option() {
  case $2 in '' | -*) misuse "$1 needs a value" ;; esac
  case $1 in
    --from) from=$2 ;;
    --dir) dir=$2 ;;
    --version)
      version=${2#v}
      case $version in
        latest) version='' ;;
        '' | *[!0-9A-Za-z.+-]*) misuse "not a version: $2" ;;
      esac
      ;;
    --checksum)
      checksum=$(say "${2#sha256:}" | tr A-F a-f)
      is_checksum "$checksum" || misuse "not a SHA-256 checksum (64 hexadecimal digits): $2"
      ;;
  esac
}

is_checksum() {
  case $1 in *[!0-9a-f]*) return 1 ;; esac
  [ ${#1} -eq 64 ]
}

locate() {
  home=${HOME:-}
  # Under sudo, the folder that comes before the system's is that of whoever called sudo.
  if [ -n "$system" ]; then
    case ${SUDO_USER:-} in
      '' | -* | *[!0-9A-Za-z._-]*) ;;
      *) eval "home=~$SUDO_USER" ;;
    esac
  fi
  config=${DOCKER_CONFIG:-${home:+$home/.docker}}
  if [ -n "$system" ]; then
    dir=/usr/local/lib/docker/cli-plugins
  elif [ -z "$dir" ]; then
    [ -n "$config" ] || die 'HOME is not set: say where to install with --dir DIR.'
    dir=$config/cli-plugins
  fi
  case $dir in /*) ;; *) dir=$PWD/$dir ;; esac
  dir=${dir%/}
  target=$dir/docker-tidy
}

need_root() {
  [ -z "$system" ] || [ "$(id -u)" = 0 ] ||
    die "--system writes to $dir, which needs root: run it with sudo. Nothing was changed."
}

# --- Install ---

install_plugin() {
  find_platform
  find_source
  need_root
  prepare
  obtain
  verify
  open_archive
  try
  mv -f "$new" "$target" 2>"$work/problem" || fail "Could not write $target$(reason)."
  say "Installed docker tidy $installed as $target"
  if [ -n "$unverified" ]; then say 'It was not verified: there was no SHA256SUMS beside it and no --checksum.'; fi
  warn_what_hides_it
  say 'Next: docker tidy plan'
}

supported='docker tidy runs on Linux with glibc and on macOS, on x64 and arm64'

find_platform() {
  system_name=$(uname -s) machine=$(uname -m)
  case $system_name in
    Linux) os=linux ;;
    Darwin) os=macos ;;
    MINGW* | MSYS* | CYGWIN* | Windows*)
      die "This script does not install on Windows: install.ps1 does (in WSL 2 this one installs as on Linux)." ;;
    *) die "$supported: not on $system_name." ;;
  esac
  case $machine in
    x86_64 | amd64) cpu=x64 ;;
    aarch64 | arm64) cpu=arm64 ;;
    *) die "$supported: not on $machine." ;;
  esac
  # A shell under Rosetta says x86_64 on a Mac that is arm64.
  if [ "$os" = macos ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || :)" = 1 ]; then cpu=arm64; fi
  platform=$os-$cpu
}

on_musl() {
  [ "$os" = linux ] || return 1
  if command -v ldd >/dev/null; then
    ldd --version 2>&1 | grep -qi musl
    return
  fi
  for loader in /lib/ld-linux* /lib64/ld-linux*; do [ ! -e "$loader" ] || return 1; done
  for loader in /lib/ld-musl-*; do [ ! -e "$loader" ] || return 0; done
  return 1
}

# Sets asset, and either url or file.
find_source() {
  asset=docker-tidy-$platform url='' file=''
  from=${from:-${DOCKER_TIDY_URL:-$releases}}
  case $from in
    [hH][tT][tT][pP]://* | [hH][tT][tT][pP][sS]://*) find_url "${from%/}" ;;
    *://*) misuse "not https://, http://, a folder or a file: $from" ;;
    *)
      if [ -f "$from" ]; then file=$from; else file=${from%/}/$asset; fi
      [ -e "$from" ] || die "There is no $from. Nothing was changed."
      [ -f "$file" ] || die "There is no $asset in $from. Nothing was changed."
      ;;
  esac
  # A file that was named is tried as it is: someone may have built it for this system.
  if [ "$file" != "$from" ] && on_musl; then
    die "This Linux uses musl (as Alpine does), and docker tidy's binaries need glibc: it would not start here."
  fi
}

# A page of GitHub releases leads to its files; any other URL is the folder of the files, or the file.
find_url() {
  case $1 in
    */releases)
      if [ -n "$version" ]; then url=$1/download/v$version/$asset; else url=$1/latest/download/$asset; fi ;;
    */releases/latest) url=$1/download/$asset ;;
    */releases/tag/*) url=${1%/tag/*}/download/${1##*/}/$asset ;;
    */docker-tidy-linux-x64 | */docker-tidy-linux-arm64 | */docker-tidy-macos-x64 | */docker-tidy-macos-arm64 | *.tar.gz)
      url=$1 asset=${1##*/} ;;
    *) url=$1/$asset ;;
  esac
}

# A folder of our own inside the target's: renaming out of it is atomic, nobody else writes to it, and
# docker reads only names that begin with "docker-".
prepare() {
  work='' child='' made=''
  trap clean EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [ ! -d "$dir" ]; then
    [ -z "$system" ] || umask 022
    problem=$(mkdir -p "$dir/" 2>&1) || die "Could not create the folder $dir (${problem##*: }). Nothing was changed."
    made=$dir
  fi
  if [ -d "$target" ]; then die "$target is a folder: remove it first. Nothing was changed."; fi
  work=$(mktemp -d "$dir/.docker-tidy.XXXXXX" 2>/dev/null) ||
    die "Could not write to the folder $dir: is it yours, and is there space? Nothing was changed."
  new=$work/docker-tidy
}

clean() {
  if [ -n "$child" ]; then
    kill "$child" 2>/dev/null || :
    wait "$child" 2>/dev/null || :
  fi
  [ -z "$work" ] || rm -rf "$work"
  [ -z "$made" ] || rmdir "$made" 2>/dev/null || :
}

fail() {
  if [ -e "$target" ]; then die "$* $target is as it was."; else die "$* Nothing was installed."; fi
}

# What the last command complained of, as the end of a sentence: curl's own line, else the last one that is
# not indented as wget's response headers are.
reason() {
  tr -d '\r' <"$work/problem" | awk '
    /^curl: / { line = $0; exit }
    !/^  / && NF { line = $0 }
    END { sub(/[. ]+$/, "", line); if (line != "") printf " (%s)", line }'
}

# In the background, so that a signal is answered at once and not after a stalled download.
run() {
  "$@" &
  child=$! result=0
  wait "$child" || result=$?
  child=''
  return "$result"
}

obtain() {
  unverified='' sums=''
  if [ -n "$url" ]; then
    hash_of /dev/null >/dev/null # before 110 MB are fetched in vain
    [ -n "$checksum" ] || download_sums
    say "Downloading $url"
    download "$url" "$new" visibly || fail "Could not download $url: $why."
  else
    [ -n "$checksum" ] || find_sums
    run cp "$file" "$new" 2>"$work/problem" || fail "Could not copy $file to $dir: $(free_space)$(reason)."
  fi
}

download_sums() {
  sums=${url%/*}/SHA256SUMS
  download "$sums" "$work/SHA256SUMS" || fail "Could not download $sums, without which nothing is installed: $why."
  read_sum "$work/SHA256SUMS" "$asset"
}

find_sums() {
  case $file in */*) sums=${file%/*}/SHA256SUMS ;; *) sums=SHA256SUMS ;; esac
  if [ -f "$sums" ]; then read_sum "$sums" "${file##*/}"; else unverified=yes; fi
}

read_sum() {
  checksum=$(NAME=$2 awk '{
    sub(/\r$/, ""); name = substr($0, 65); sub(/^ [ *](\.\/)?/, "", name)
    if (name == ENVIRON["NAME"]) { print tolower(substr($0, 1, 64)); exit }
  }' "$1") || fail "Could not read $sums."
  is_checksum "$checksum" || fail "$sums has no checksum of $2, so it cannot be verified."
}

verify() {
  [ -z "$unverified" ] || return 0
  actual=$(hash_of "$new") || exit 1
  [ "$actual" = "$checksum" ] ||
    fail "The checksum of ${url:-$file} differs: expected $checksum, got $actual. It was cut off or altered."
}

hash_of() {
  if command -v sha256sum >/dev/null; then
    sha256sum <"$1" | cut -c 1-64
  elif command -v shasum >/dev/null; then
    shasum -a 256 <"$1" | cut -c 1-64
  elif command -v openssl >/dev/null; then
    openssl dgst -sha256 <"$1" | sed 's/.* //'
  else
    fail 'Nothing here can compute a SHA-256 checksum (sha256sum, shasum or openssl).'
  fi
}

# What was released as an archive holds the program in a folder; only a program is taken out of it.
open_archive() {
  [ "$(od -An -v -tx1 -N2 "$new" | tr -d ' \n')" = 1f8b ] || return 0
  mkdir "$work/archive"
  run tar -xzf "$new" -C "$work/archive" 2>"$work/problem" ||
    fail "Could not open the archive ${url:-$file}: $(free_space)$(reason)."
  for found in "$work"/archive/*/docker-tidy; do
    if [ -f "$found" ] && [ ! -L "$found" ]; then mv -f "$found" "$new" && return 0; fi
  done
  fail "There is no docker-tidy in the archive ${url:-$file}."
}

# A program that is not for this machine never runs: a shell takes what the kernel refuses for a script.
try() {
  kind=$(program_kind "$new")
  case $kind in
    "$platform" | script) ;;
    macos-x64) [ "$os" = macos ] || fail "${url:-$file} is for $kind, and this machine is $platform." ;;
    '') fail "${url:-$file} is not a program." ;;
    *) fail "${url:-$file} is for $kind, and this machine is $platform." ;;
  esac
  chmod 755 "$new"
  run "$new" docker-cli-plugin-metadata >"$work/answer" 2>"$work/problem" || cannot_start
  answer=$(tr -d '\r\n' <"$work/answer")
  case $answer in
    '{'*'"SchemaVersion"'*'}') ;;
    *) fail "${url:-$file} does not answer as a docker plugin does." ;;
  esac
  installed=$(say "$answer" | sed -n 's/.*"Version" *: *"\([^"]*\)".*/\1/p')
  [ -z "$version" ] || [ "${installed#v}" = "$version" ] ||
    fail "${url:-$file} is version ${installed:-unknown}, not the $version asked for."
}

cannot_start() {
  if on_musl; then fail "${url:-$file} does not start: this Linux uses musl, and docker tidy's binaries need glibc."; fi
  fail "${url:-$file} does not start on this machine$(reason)."
}

program_kind() {
  case $(od -An -v -tx1 -N20 "$1" | tr -d ' \n') in
    7f454c46????????????????????????????3e00) say linux-x64 ;;
    7f454c46????????????????????????????b700) say linux-arm64 ;;
    7f454c46*) say 'another processor' ;;
    cffaedfe07000001*) say macos-x64 ;;
    cffaedfe0c000001*) say macos-arm64 ;;
    2321*) say script ;;
  esac
}

# --- Download: curl or wget, whichever is there. On failure, why says what went wrong. ---

# URL, FILE, and "visibly" for a progress bar where there is a terminal.
download() {
  failed=0 code='' cause=''
  : >"$work/problem"
  if command -v curl >/dev/null; then
    with_curl "$@" || failed=$?
  elif command -v wget >/dev/null; then
    with_wget "$@" || failed=$?
  else
    fail 'Neither curl nor wget is here to download with.'
  fi
  [ "$failed" -ne 0 ] || return 0
  explain
  return 1
}

is_http() { case $1 in [hH][tT][tT][pP]://*) ;; *) return 1 ;; esac; }

with_curl() {
  if is_http "$1"; then allowed='=http,https'; else allowed='=https'; fi
  if [ "${3:-}" = visibly ] && [ -t 2 ]; then
    curl_to '-#' "$1" "$2" || failed=$?
  else
    curl_to -sS "$1" "$2" 2>"$work/problem" || failed=$?
  fi
  code=$(cat "$work/code")
  case $failed in
    1) cause=protocol ;;
    5 | 6 | 7 | 28) cause=network ;;
    18 | 52 | 56) cause=broken ;;
    22) cause=http ;;
    23) cause=space ;;
  esac
  return "$failed"
}

curl_to() {
  run curl "$1" -fLg --proto "$allowed" --connect-timeout 30 --speed-limit 1 --speed-time 60 \
    -w '%{http_code}' -o "$3" "$2" >"$work/code"
}

with_wget() {
  if wget --version 2>/dev/null | grep -q 'GNU Wget'; then
    run wget -nv -S -t 1 -T 60 -O "$2" "$1" 2>"$work/problem" || failed=$?
  elif is_http "$1" || { [ -n "$checksum" ] && [ -z "$sums" ]; }; then
    run wget -q -S -O "$2" "$1" 2>"$work/problem" || failed=$?
  else
    fail "BusyBox's wget does not check whom https leads to: install curl, or give --checksum."
  fi
  # wget cannot be told to stay with https, so what it did is read afterwards.
  if ! is_http "$1" && grep -qi '^ *location: *http://' "$work/problem"; then
    cause=protocol
    return 1
  fi
  code=$(sed -n 's/.*HTTP\/[0-9.]* \([0-9][0-9][0-9]\).*/\1/p' "$work/problem" | tail -n 1)
  case $failed,$code in
    0,*) ;;
    3,*) cause=space ;;
    *,[45]??) cause=http ;;
    *,2??) cause=broken ;;
    4,*) cause=network ;;
  esac
  return "$failed"
}

explain() {
  case $cause in
    http) why="the server answered HTTP $code" ;;
    network) why="there is no connection$(reason)" ;;
    broken) why='the connection was cut off' ;;
    space) why="it could not be written, $(free_space)$(reason)" ;;
    protocol) why='it leads from https to plain http' ;;
    *) why="it failed$(reason)" ;;
  esac
  if [ "$code" = 404 ]; then why="$why: it is not there"; fi
}

free_space() { df -Pk "$dir" | awk 'NR == 2 { printf "%d MB are free in its folder", $4 / 1024 }'; }

# --- What docker will find ---

# The folders docker looks in, the first one first (docker/cli, cli-plugins/manager).
search_path() {
  if [ -n "$config" ]; then
    if [ -f "$config/config.json" ]; then
      { tr -d '\r\n' <"$config/config.json" && say; } |
        sed -n 's/.*"cliPluginsExtraDirs"[[:space:]]*:[[:space:]]*\[\([^]]*\)\].*/\1/p' |
        tr ',' '\n' | sed -n 's/^[[:space:]]*"\(.*\)"[[:space:]]*$/\1/p'
    fi
    say "$config/cli-plugins"
  fi
  for prefix in /usr/local/lib /usr/local/libexec /usr/lib /usr/libexec; do say "$prefix/docker/cli-plugins"; done
}

# The docker-tidy that docker runs, or would if it looked in no folder after ours.
found_first() {
  here=$(real "$dir")
  search_path | while IFS= read -r place; do
    if [ -e "$place/docker-tidy" ] || [ -L "$place/docker-tidy" ]; then
      if [ "$(real "$place")" = "$here" ]; then say "$target"; else say "$place/docker-tidy"; fi
      break
    fi
  done
}

real() { (cd "$1" 2>/dev/null && pwd -P) || say "$1"; }

is_searched() {
  here=$(real "$dir")
  search_path | (
    while IFS= read -r place; do
      if [ "$(real "$place")" = "$here" ]; then exit 0; fi
    done
    exit 1
  )
}

warn_what_hides_it() {
  first=$(found_first)
  if ! is_searched; then
    warn "docker does not look in $dir: add it to cliPluginsExtraDirs in docker's config.json."
  elif [ "$first" != "$target" ]; then
    warn "docker finds $first before this one and runs that."
  fi
  if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ] && [ -z "$system" ]; then
    warn 'under sudo this is for root: run it without sudo for yourself, or with --system for every user.'
  fi
  command -v docker >/dev/null || warn 'docker is not on the PATH: docker tidy needs the docker command line.'
}

# --- Uninstall ---

remove() {
  if [ ! -e "$target" ] && [ ! -L "$target" ]; then
    say "docker tidy is not installed in $dir: nothing was removed."
  else
    need_root
    [ ! -d "$target" ] || die "$target is a folder, not the plugin. Nothing was removed."
    rm -f "$target" 2>/dev/null || die "Could not remove $target: is the folder yours?"
    say "Removed $target"
  fi
  first=$(found_first)
  [ -z "$first" ] || say "docker still finds $first"
}

{ main "$@"; }
