// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/miner_options.h"

#include <algorithm>
#include <iterator>

#include "davy/base/text.h"
#include "davy/intel/word_list.h"

namespace davy::intel {
namespace {

struct OptionWord {
  std::string_view name;  ///< a name ending in '*' stands for all that begin so
  OptionWeight weight;
  std::string_view family;
};

// From the usage texts of the miners named; options other programs share only support.
constexpr OptionWord kOptions[] = {
    {"--donate-level", OptionWeight::kMiner, "xmrig"},
    {"--donate-over-proxy", OptionWeight::kMiner, "xmrig"},
    {"--randomx-*", OptionWeight::kMiner, "xmrig"},
    {"--cpu-max-threads-hint", OptionWeight::kMiner, "xmrig"},
    {"--max-cpu-usage", OptionWeight::kSupports, "xmrig"},
    {"--cpu-memory-pool", OptionWeight::kMiner, "xmrig"},
    {"--cpu-priority", OptionWeight::kSupports, "xmrig"},
    {"--cpu-no-yield", OptionWeight::kMiner, "xmrig"},
    {"--huge-pages-jit", OptionWeight::kMiner, "xmrig"},
    {"--argon2-impl", OptionWeight::kMiner, "xmrig"},
    {"--astrobwt-*", OptionWeight::kMiner, "xmrig"},
    {"--cuda-bfactor-hint", OptionWeight::kMiner, "xmrig"},
    {"--cuda-bsleep-hint", OptionWeight::kMiner, "xmrig"},
    {"--nicehash", OptionWeight::kMiner, ""},
    {"--rig-id", OptionWeight::kMiner, "xmrig"},
    {"--api-worker-id", OptionWeight::kSupports, "xmrig"},
    {"--self-select", OptionWeight::kSupports, "xmrig"},
    {"--tls-fingerprint", OptionWeight::kSupports, "xmrig"},
    {"--coin", OptionWeight::kSupports, ""},
    {"--wallet", OptionWeight::kSupports, ""},
    {"--worker", OptionWeight::kSupports, ""},
    {"--ethstratum", OptionWeight::kMiner, ""},
    {"--stratum-protocol", OptionWeight::kMiner, ""},
    {"--farm-recheck", OptionWeight::kMiner, "ethminer"},
    {"--dag-load-mode", OptionWeight::kMiner, "ethminer"},
    {"--cl-global-work", OptionWeight::kMiner, "ethminer"},
    {"--cuda-parallel-hash", OptionWeight::kMiner, "ethminer"},
    {"-wal", OptionWeight::kSupports, "phoenixminer"},
    {"-ewal", OptionWeight::kSupports, "claymore"},
    {"-eworker", OptionWeight::kSupports, "claymore"},
    {"-esm", OptionWeight::kSupports, "claymore"},
    {"-allcoins", OptionWeight::kSupports, "claymore"},
    {"-allpools", OptionWeight::kSupports, "claymore"},
    {"--gpu-boost", OptionWeight::kSupports, "srbminer-multi"},
    {"--noUAC", OptionWeight::kSupports, "xmr-stak"},
};

/// Proof-of-work algorithms as miners spell them, told by their beginning. Those whose name is also
/// a plain hash, or short enough to mean anything, only support.
constexpr OptionWord kAlgorithms[] = {
    {"rx/*", OptionWeight::kMiner, "randomx"},
    {"randomx*", OptionWeight::kMiner, "randomx"},
    {"randomvirel", OptionWeight::kMiner, "randomx"},
    {"randomyada", OptionWeight::kMiner, "randomx"},
    {"panthera", OptionWeight::kMiner, "randomx"},
    {"cn/*", OptionWeight::kMiner, "cryptonight"},
    {"cn-*", OptionWeight::kMiner, "cryptonight"},
    {"cryptonight*", OptionWeight::kMiner, "cryptonight"},
    {"argon2/chukwa*", OptionWeight::kMiner, "argon2"},
    {"astrobwt*", OptionWeight::kMiner, "astrobwt"},
    {"ghostrider", OptionWeight::kMiner, "ghostrider"},
    {"kawpow*", OptionWeight::kMiner, "kawpow"},
    {"progpow*", OptionWeight::kMiner, "progpow"},
    {"firopow", OptionWeight::kMiner, "progpow"},
    {"ethash*", OptionWeight::kMiner, "ethash"},
    {"etchash*", OptionWeight::kMiner, "etchash"},
    {"autolykos*", OptionWeight::kMiner, "autolykos"},
    {"kheavyhash*", OptionWeight::kMiner, "kheavyhash"},
    {"octopus", OptionWeight::kSupports, "octopus"},
    {"verushash*", OptionWeight::kMiner, "verushash"},
    {"verthash", OptionWeight::kMiner, "verthash"},
    {"yespower*", OptionWeight::kMiner, "yespower"},
    {"yescrypt*", OptionWeight::kMiner, "yescrypt"},
    {"minotaurx", OptionWeight::kMiner, "minotaurx"},
    {"x16r*", OptionWeight::kMiner, "x16r"},
    {"equihash*", OptionWeight::kMiner, "equihash"},
    {"beamhash*", OptionWeight::kMiner, "beamhash"},
    {"cuckatoo*", OptionWeight::kMiner, "cuckoo"},
    {"cuckaroo*", OptionWeight::kMiner, "cuckoo"},
    {"neoscrypt*", OptionWeight::kMiner, "neoscrypt"},
    {"lyra2*", OptionWeight::kMiner, "lyra2"},
    {"dynexsolve", OptionWeight::kMiner, "dynexsolve"},
    {"karlsenhash*", OptionWeight::kMiner, "karlsenhash"},
    {"pyrinhash*", OptionWeight::kMiner, "pyrinhash"},
    {"nexapow", OptionWeight::kMiner, "nexapow"},
    {"fishhash", OptionWeight::kMiner, "fishhash"},
    {"sha256d", OptionWeight::kSupports, "sha256d"},
    {"scrypt", OptionWeight::kSupports, "scrypt"},
    {"blake3*", OptionWeight::kSupports, "blake3"},
    {"x11", OptionWeight::kSupports, "x11"},
    {"zhash", OptionWeight::kSupports, "equihash"},
    {"gr", OptionWeight::kSupports, "ghostrider"},
};

/// Equihash's parameters n and k, which miniZ takes with --par alone.
constexpr OptionWord kEquihashParameters[] = {
    {"192,7", OptionWeight::kMiner, "equihash"}, {"144,5", OptionWeight::kMiner, "equihash"},
    {"125,4", OptionWeight::kMiner, "equihash"}, {"210,9", OptionWeight::kMiner, "equihash"},
    {"150,5", OptionWeight::kMiner, "equihash"},
};

constexpr std::string_view kAlgorithmOptions[] = {"-a", "--algo", "--algorithm", "-algo", "--par"};
constexpr std::string_view kPoolOptions[] = {"-o",      "--url",    "--pool", "-pool",
                                             "-P",      "--server", "-s",     "--host",
                                             "--pool1", "-uri",     "-epool"};
constexpr std::string_view kConfigKeys[] = {"\"donate-level\"",   "\"max-threads-hint\"",
                                            "\"rig-id\"",         "\"donate-over-proxy\"",
                                            "\"huge-pages-jit\"", "\"pool_address\""};

bool matches(std::string_view pattern, std::string_view text) {
  if (!pattern.ends_with('*')) return equals_ignore_case(pattern, text);
  pattern.remove_suffix(1);
  return equals_ignore_case(pattern, text.substr(0, pattern.size()));
}

template <size_t kCount>
OptionWeight look_up(const OptionWord (&table)[kCount], std::string_view text,
                     std::string_view& family) {
  for (const auto& row : table) {
    if (!matches(row.name, text)) continue;
    family = row.family;
    return row.weight;
  }
  return OptionWeight::kNone;
}

std::string_view unquoted(std::string_view text) {
  while (!text.empty() && (text.front() == '"' || text.front() == '\''))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == '"' || text.back() == '\''))
    text.remove_suffix(1);
  return text;
}

bool is_scheme_char(char c) {
  return is_ascii_alpha(c) || is_ascii_digit(c) || c == '+' || c == '-' || c == '.';
}

/// "stratum", "stratum+tcp", "stratum2+ssl", "ethproxy+tls", "daemon+https".
bool is_pool_scheme(std::string_view scheme) {
  constexpr std::string_view kStarts[] = {"stratum", "ethproxy", "ethstratum", "daemon+http"};
  return std::any_of(std::begin(kStarts), std::end(kStarts), [&](std::string_view start) {
    return equals_ignore_case(scheme.substr(0, start.size()), start);
  });
}

bool ends_url(char c) {
  return static_cast<unsigned char>(c) <= ' ' ||
         std::string_view("\"'`<>\\|;,)]}").find(c) != std::string_view::npos;
}

}  // namespace

OptionWeight weigh_option(std::string_view word, std::string_view next, std::string_view& family) {
  if (!word.starts_with('-') || word.size() < 2) return OptionWeight::kNone;
  const size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  if (holds(kAlgorithmOptions, name)) {
    const std::string_view value =
        unquoted(equals == std::string_view::npos ? next : word.substr(equals + 1));
    const bool equihash = name == "--par" && !value.empty() && is_ascii_digit(value.front());
    return equihash ? look_up(kEquihashParameters, value, family)
                    : look_up(kAlgorithms, value, family);
  }
  return look_up(kOptions, name, family);
}

bool tells_miner(std::string_view word, std::string_view next) {
  constexpr std::string_view kNames[] = {"--algo", "--algorithm", "-algo", "--coin", "--tls"};
  std::string_view family;
  return holds(kNames, word.substr(0, word.find('='))) ||
         weigh_option(word, next, family) == OptionWeight::kMiner;
}

bool takes_pool(std::string_view option) {
  return holds(kPoolOptions, option);
}

bool takes_nothing_but_pools(std::string_view option) {
  constexpr std::string_view kMinersOwn[] = {"-o", "-pool", "--pool", "--pool1", "-uri", "-epool"};
  return holds(kMinersOwn, option);
}

bool takes_payee(std::string_view option) {
  return option == "-wal" || option == "-ewal";
}

bool is_told_pool(std::string_view before, std::string_view previous, std::string_view url) {
  constexpr size_t kLongestOption = 64;  // a word may hold any number of URLs
  if (before.size() > kLongestOption) before.remove_prefix(before.size() - kLongestOption);
  const std::string_view place = url.substr(url.find("://") + 3);
  if (place.substr(0, place.find_first_of("/?#")).find('@') != place.npos) return true;
  const size_t last = before.find_last_not_of(" \t='\"\\,");
  if (last == before.npos) return takes_pool(previous);
  before = before.substr(0, last + 1);
  return takes_pool(before.substr(before.find_last_of(" \t;&|('\"") + 1));
}

std::string_view find_config_key(std::string_view text) {
  for (const auto key : kConfigKeys) {
    const size_t at = text.find(key);
    if (at != std::string_view::npos) return text.substr(at, key.size());
  }
  return {};
}

std::string_view find_pool_url(std::string_view text) {
  for (size_t at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
    size_t begin = at;
    while (begin > 0 && is_scheme_char(text[begin - 1]))
      --begin;
    if (!is_pool_scheme(text.substr(begin, at - begin))) continue;
    size_t end = at + 3;
    while (end < text.size() && !ends_url(text[end]))
      ++end;
    const std::string_view url = text.substr(begin, end - begin);
    uint16_t port = 0;
    if (!host_of(url, port).empty()) return url;
  }
  return {};
}

std::string_view host_of(std::string_view url, uint16_t& port) {
  port = 0;
  const size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const size_t at = url.rfind('@');
  if (at != std::string_view::npos) url.remove_prefix(at + 1);
  if (url.starts_with('[')) {
    const size_t close = url.find(']');
    if (close == std::string_view::npos) return {};
    const std::string_view rest = url.substr(close + 1);
    if (rest.starts_with(':')) port = parse_int<uint16_t>(rest.substr(1)).value_or(0);
    return url.substr(1, close - 1);
  }
  const size_t colon = url.rfind(':');
  if (colon != std::string_view::npos) {
    port = parse_int<uint16_t>(url.substr(colon + 1)).value_or(0);
    url = url.substr(0, colon);
  }
  return url;
}

}  // namespace davy::intel
