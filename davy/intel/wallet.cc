// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/wallet.h"

#include <algorithm>
#include <array>
#include <set>

#include <openssl/sha.h>

#include "davy/base/text.h"
#include "davy/intel/base58.h"
#include "davy/intel/bech32.h"
#include "davy/intel/keccak.h"

namespace davy::intel {
namespace {

constexpr size_t kShortest = 26;  // the shortest base58check address
constexpr size_t kLongest = 128;  // a CryptoNote integrated address with a long prefix is 110
constexpr size_t kCryptoNoteShortest = 95;

// ---- CryptoNote: varint prefix, two 32-byte keys, an optional 8-byte payment id, 4 bytes of
// Keccak

struct CryptoNoteNetwork {
  uint64_t prefix;
  std::string_view coin;
  std::string_view form;
};
constexpr CryptoNoteNetwork kNetworks[] = {
    {18, "XMR", "main"}, {42, "XMR", "subaddress"}, {19, "XMR", "integrated"}};

/// Coins told by how their addresses begin; the checksum has been verified before this is asked.
struct CryptoNoteSpelling {
  std::string_view start;
  std::string_view coin;
};
constexpr CryptoNoteSpelling kSpellings[] = {{"ZEPH", "ZEPH"}, {"SaLv", "SAL"},  {"SC1", "SAL"},
                                             {"TRTL", "TRTL"}, {"Sumo", "SUMO"}, {"Wo", "WOW"},
                                             {"ar", "ARQ"}};

std::optional<uint64_t> take_varint(std::string_view& bytes) {
  uint64_t value = 0;
  for (int shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    value |= uint64_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

std::optional<Wallet> parse_cryptonote(std::string_view text) {
  constexpr size_t kChecksum = 4;
  const auto bytes = cryptonote_base58_decode(text);
  if (!bytes || bytes->size() < 1 + 64 + kChecksum) return std::nullopt;
  std::string_view body = std::string_view(*bytes).substr(0, bytes->size() - kChecksum);
  const auto digest = keccak256(body);
  if (!std::equal(digest.begin(), digest.begin() + kChecksum, bytes->end() - kChecksum,
                  [](uint8_t a, char b) { return a == static_cast<uint8_t>(b); })) {
    return std::nullopt;
  }
  const auto prefix = take_varint(body);
  if (!prefix || (body.size() != 64 && body.size() != 72)) return std::nullopt;
  const std::string_view form = body.size() == 72 ? "integrated" : "main";
  for (const auto& network : kNetworks) {
    if (network.prefix != *prefix) continue;
    if ((network.form == "integrated") != (form == "integrated")) return std::nullopt;
    return Wallet{std::string(network.coin), std::string(network.form), std::string(text)};
  }
  std::string_view coin = "CryptoNote";
  for (const auto& spelling : kSpellings) {
    if (text.starts_with(spelling.start)) {
      coin = spelling.coin;
      break;
    }
  }
  return Wallet{std::string(coin), std::string(form), std::string(text)};
}

// ---- base58check: version byte(s), 20 bytes of script or key hash, 4 bytes of double SHA-256

struct Base58Version {
  std::string_view version;
  std::string_view coin;
  std::string_view form;
};
constexpr Base58Version kVersions[] = {
    {{"\x00", 1}, "BTC", "p2pkh"}, {"\x05", "BTC", "p2sh"},      {"\x30", "LTC", "p2pkh"},
    {"\x32", "LTC", "p2sh"},       {"\x1e", "DOGE", "p2pkh"},    {"\x16", "DOGE", "p2sh"},
    {"\x4c", "DASH", "p2pkh"},     {"\x10", "DASH", "p2sh"},     {"\x3c", "RVN", "p2pkh"},
    {"\x7a", "RVN", "p2sh"},       {"\x1c\xb8", "ZEC", "p2pkh"}, {"\x1c\xbd", "ZEC", "p2sh"}};

bool has_double_sha256(std::string_view bytes) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest{};
  const std::vector<uint8_t> body(bytes.begin(), bytes.end() - 4);
  SHA256(body.data(), body.size(), digest.data());
  const auto once = digest;
  SHA256(once.data(), once.size(), digest.data());
  for (size_t i = 0; i < 4; ++i) {
    if (digest[i] != static_cast<uint8_t>(bytes[bytes.size() - 4 + i])) return false;
  }
  return true;
}

std::optional<Wallet> parse_base58check(std::string_view text) {
  const auto bytes = base58_decode(text);
  if (!bytes || (bytes->size() != 25 && bytes->size() != 26)) return std::nullopt;
  for (const auto& row : kVersions) {
    if (bytes->size() != row.version.size() + 24 || !bytes->starts_with(row.version)) continue;
    if (!has_double_sha256(*bytes)) return std::nullopt;
    return Wallet{std::string(row.coin), std::string(row.form), std::string(text)};
  }
  return std::nullopt;
}

// ---- segregated witness

std::optional<Wallet> parse_segwit(std::string_view text) {
  const auto decoded = bech32_decode(text);
  if (!decoded || !is_segwit(*decoded)) return std::nullopt;
  const std::string_view coin = decoded->prefix == "bc"    ? "BTC"
                                : decoded->prefix == "ltc" ? "LTC"
                                                           : "";
  if (coin.empty()) return std::nullopt;
  const bool plain = decoded->variant == Bech32::Variant::kBech32;
  return Wallet{std::string(coin), plain ? "bech32" : "bech32m", to_lower(text)};
}

// ---- Ethereum: the case of each letter is a bit of the Keccak hash of the lower-case digits

bool is_hex(char c) {
  return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

std::optional<Wallet> parse_ethereum(std::string_view text) {
  if (text.size() != 42 || !text.starts_with("0x")) return std::nullopt;
  const std::string_view digits = text.substr(2);
  if (!std::all_of(digits.begin(), digits.end(), is_hex)) return std::nullopt;
  const auto digest = keccak256(to_lower(digits));
  bool lower = false;
  bool upper = false;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (is_ascii_digit(digits[i])) continue;
    const unsigned nibble = (unsigned{digest[i / 2]} >> (i % 2 == 0 ? 4 : 0)) & 0xfu;
    const bool is_upper = digits[i] < 'a';
    if (is_upper != (nibble >= 8)) return std::nullopt;
    (is_upper ? upper : lower) = true;
  }
  // One case throughout carries no checksum, or cannot be told from carrying none.
  if (!lower || !upper) return std::nullopt;
  return Wallet{"ETH", "eip55", std::string(text)};
}

// ---- the face

std::optional<Wallet> parse_bare_address(std::string_view text) {
  if (text.size() < kShortest || text.size() > kLongest) return std::nullopt;
  if (text.size() >= kCryptoNoteShortest) return parse_cryptonote(text);
  if (text.starts_with("0x")) return parse_ethereum(text);
  const std::string start = to_lower(text.substr(0, 4));
  if (start.starts_with("bc1") || start == "ltc1") return parse_segwit(text);
  if (text.size() <= 36) return parse_base58check(text);
  return std::nullopt;
}

bool is_alnum(char c) {
  return is_ascii_digit(c) || is_ascii_alpha(c);
}

/// "XMR:" of unMineable, "monero:" of a payment link; the length of what stands before the address.
size_t coin_prefix_length(std::string_view text) {
  const size_t colon = text.substr(0, 16).find(':');
  if (colon == std::string_view::npos || colon < 2) return 0;
  const std::string_view coin = text.substr(0, colon);
  return std::all_of(coin.begin(), coin.end(), is_alnum) ? colon + 1 : 0;
}

/// The address of "coin:address.worker"; nothing when what follows it is no login.
std::optional<std::string_view> bare_address(std::string_view text) {
  if (text.size() > 512) return std::nullopt;
  text.remove_prefix(coin_prefix_length(text));
  const size_t end = std::min(text.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi"
                                                     "jklmnopqrstuvwxyz"),
                              text.size());
  const std::string_view suffix = text.substr(end);
  const bool suffix_is_login =
      suffix.empty() || (std::string_view(".+/#").find(suffix.front()) != std::string_view::npos &&
                         std::none_of(suffix.begin(), suffix.end(), [](char c) {
                           return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
                         }));
  if (!suffix_is_login) return std::nullopt;
  return text.substr(0, end);
}

// ---- what an address with a wrong checksum looks like

bool has_prefix_and_size(std::string_view text, std::string_view prefix, size_t size,
                         size_t other_size) {
  return (text.size() == size || text.size() == other_size) &&
         equals_ignore_case(text.substr(0, prefix.size()), prefix);
}

/// Base58 leaves out the letters that are mistaken for others.
bool is_base58(std::string_view text) {
  return text.find_first_of("0OIl") == std::string_view::npos;
}

bool looks_like_monero(std::string_view text) {
  return (text.size() == 95 || text.size() == 106) && (text[0] == '4' || text[0] == '8') &&
         is_base58(text);
}
bool looks_like_bitcoin(std::string_view text) {
  if (has_prefix_and_size(text, "bc1", 42, 62)) return true;
  if (text.size() < kShortest || text.size() > 35 || !is_base58(text)) return false;
  const auto bytes = base58_decode(text);
  return bytes && bytes->size() == 25 && (bytes->front() == '\0' || bytes->front() == '\x05');
}
bool looks_like_litecoin(std::string_view text) {
  return has_prefix_and_size(text, "ltc1", 43, 63);
}
/// One case throughout is an address without a checksum, not with a wrong one.
bool looks_like_ethereum(std::string_view text) {
  if (text.size() != 42 || !text.starts_with("0x")) return false;
  const std::string_view digits = text.substr(2);
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'F'; };
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'f'; };
  return std::all_of(digits.begin(), digits.end(), is_hex) &&
         std::any_of(digits.begin(), digits.end(), is_upper) &&
         std::any_of(digits.begin(), digits.end(), is_lower);
}

struct WalletShape {
  std::string_view coin;
  bool (*fits)(std::string_view address);
};
constexpr WalletShape kShapes[] = {{"Monero", looks_like_monero},
                                   {"Bitcoin", looks_like_bitcoin},
                                   {"Litecoin", looks_like_litecoin},
                                   {"Ethereum", looks_like_ethereum}};

}  // namespace

std::optional<Wallet> parse_wallet(std::string_view text) {
  const auto address = bare_address(text);
  return address ? parse_bare_address(*address) : std::nullopt;
}

std::string_view coin_of_misspelt_wallet(std::string_view text) {
  const auto address = bare_address(text);
  if (!address || parse_bare_address(*address)) return {};
  for (const WalletShape& shape : kShapes) {
    if (shape.fits(*address)) return shape.coin;
  }
  return {};
}

std::vector<WalletPlace> locate_wallets(std::string_view text) {
  std::vector<WalletPlace> found;
  size_t position = 0;
  // A run of alphanumerics long enough for an address covers every kShortest-th character, so the
  // scan reads only those until it meets one.
  while (position + kShortest <= text.size()) {
    const size_t probe = position + kShortest - 1;
    if (!is_alnum(text[probe])) {
      position = probe + 1;
      continue;
    }
    size_t begin = probe;
    while (begin > position && is_alnum(text[begin - 1]))
      --begin;
    size_t end = probe + 1;
    while (end < text.size() && is_alnum(text[end]))
      ++end;
    const std::string_view run = text.substr(begin, end - begin);
    if (auto wallet = parse_bare_address(run)) found.push_back({run, *std::move(wallet)});
    position = end;
  }
  return found;
}

std::vector<Wallet> find_wallets(std::string_view text) {
  std::vector<Wallet> wallets;
  std::set<std::string> seen;
  for (auto& place : locate_wallets(text)) {
    if (seen.insert(place.wallet.address).second) wallets.push_back(std::move(place.wallet));
  }
  return wallets;
}

}  // namespace davy::intel
