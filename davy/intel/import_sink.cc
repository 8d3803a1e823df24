// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/import_sink.h"

#include <algorithm>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/intel/address.h"
#include "davy/intel/miner_options.h"
#include "davy/intel/normalise.h"
#include "davy/intel/wallet.h"

namespace davy::intel {
namespace {

int rank_of(const IndicatorEntry& entry) {
  return entry.confidence == "high" ? 2 : entry.confidence == "medium" ? 1 : 0;
}

/// Of two rows of one value: the surer; a pool rather than a host that malware is fetched from; and
/// so on, whatever their order.
bool is_better(const IndicatorEntry& a, const IndicatorEntry& b) {
  if (rank_of(a) != rank_of(b)) return rank_of(a) > rank_of(b);
  if (a.malware != b.malware) return !a.malware;
  return a.family > b.family;
}

/// True for "http://host/some/page": it names one page of a site that may hold others.
bool names_a_page(std::string_view url) {
  const std::string_view rest = url.substr(url.find("://") + 3);
  const size_t slash = rest.find_first_of("/?#");
  const bool whole = slash == std::string_view::npos || slash + 1 == rest.size();
  return !whole && find_pool_url(url).empty();
}

bool is_hex_of(std::string_view text, size_t size) {
  return text.size() == size && std::all_of(text.begin(), text.end(), [](char c) {
           return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
         });
}

}  // namespace

bool ImportSink::add(std::string_view written, std::string_view family,
                     std::string_view confidence) {
  const std::string value = refang(trim(written));
  if (value.find("://") != std::string::npos) return add_url(value, family, confidence);
  // In this order: an address is not taken for a name, a wallet not for a file.
  constexpr IndicatorKind kTellable[] = {IndicatorKind::kIp, IndicatorKind::kIpPort,
                                         IndicatorKind::kSha256, IndicatorKind::kWallet,
                                         IndicatorKind::kDomain};
  for (const auto kind : kTellable) {
    if (add(kind, value, family, confidence)) return true;
  }
  // "pool.example:3333" is the name with a port.
  const size_t colon = value.rfind(':');
  return colon != std::string::npos && parse_int<uint16_t>(value.substr(colon + 1)) &&
         add(IndicatorKind::kDomain, value.substr(0, colon), family, confidence);
}

/// Of a URL its host. Where it names a page, the host is one that something is fetched from, no
/// pool, and that little is sure: strangers may share it.
bool ImportSink::add_url(std::string_view url, std::string_view family,
                         std::string_view confidence) {
  const bool page = names_a_page(url);
  uint16_t port = 0;
  const std::string_view host = host_of(url, port);
  IndicatorEntry entry{IndicatorKind::kDomain,
                       "",
                       std::string(trim(family)),
                       std::string(confidence),
                       source_,
                       date_,
                       page};
  if (page) entry.confidence = "low";
  const auto address = parse_address(host);
  if (address && port != 0) {
    entry.kind = IndicatorKind::kIpPort;
    entry.value = to_text(Endpoint{*address, port});
    return add(std::move(entry));
  }
  if (address) entry.kind = IndicatorKind::kIp;
  auto value = normal_value(entry.kind, host);
  if (!value) return false;
  entry.value = *std::move(value);
  return add(std::move(entry));
}

bool ImportSink::add(IndicatorKind kind, std::string_view written, std::string_view family,
                     std::string_view confidence) {
  auto value = normal_value(kind, refang(trim(written)));
  if (!value) return false;
  return add(IndicatorEntry{kind, *std::move(value), std::string(trim(family)),
                            std::string(confidence), source_, date_});
}

bool ImportSink::add(IndicatorEntry entry) {
  const auto [place, added] = entries_.try_emplace({entry.kind, entry.value}, entry);
  if (!added && is_better(entry, place->second)) place->second = std::move(entry);
  return true;
}

void ImportSink::leave_out(std::string_view value, std::string_view reason) {
  constexpr size_t kShownBytes = 100;
  ++left_out_count_;
  if (left_out_.size() == kLeftOutKept) return;
  left_out_.push_back({place_, printable(trim(value), kShownBytes),
                       reason.empty() ? why_left_out(value) : std::string(reason)});
}

Imported ImportSink::take() {
  Imported imported;
  imported.entries.reserve(entries_.size());
  for (auto& [key, entry] : entries_)
    imported.entries.push_back(std::move(entry));
  entries_.clear();
  imported.left_out = std::move(left_out_);
  imported.left_out_count = left_out_count_;
  return imported;
}

std::string why_left_out(std::string_view written) {
  const std::string value = refang(trim(written));
  if (is_hex_of(value, 32)) return "an MD5; only SHA-256 is looked up";
  if (is_hex_of(value, 40)) return "a SHA-1; only SHA-256 is looked up";
  if (const auto coin = coin_of_misspelt_wallet(value); !coin.empty()) {
    return fmt::format("looks like a {} address, but its checksum is wrong", coin);
  }
  if (value.find("://") != std::string::npos) return "a URL without the full name of a host";
  return "no domain, address, SHA-256 or wallet";
}

}  // namespace davy::intel
