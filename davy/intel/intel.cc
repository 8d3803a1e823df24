// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/intel.h"

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_map>

#include "davy/base/hash.h"
#include "davy/base/text.h"
#include "davy/intel/address.h"
#include "davy/intel/address_index.h"
#include "davy/intel/command_line.h"
#include "davy/intel/domain.h"
#include "davy/intel/indicator_file.h"
#include "davy/intel/normalise.h"

namespace davy::intel {
namespace {

/// A lower-case copy on the stack, so that a look-up allocates nothing. Empty when too long to be
/// anything known.
template <size_t kLongest>
class LowerCopy {
 public:
  explicit LowerCopy(std::string_view text) : size_(text.size() > kLongest ? 0 : text.size()) {
    std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size_), copy_.begin(),
                   ascii_lower);
  }
  std::string_view view() const { return {copy_.data(), size_}; }

 private:
  std::array<char, kLongest> copy_;
  size_t size_;
};

/// Values of one kind that are looked up whole.
class ExactIndex {
 public:
  void add(std::string_view value, const IndicatorEntry* entry) {
    entries_[std::string(value)] = entry;
  }
  const IndicatorEntry* find(std::string_view value) const {
    const auto found = entries_.find(value);
    return found == entries_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<std::string, const IndicatorEntry*, StringHash, std::equal_to<>> entries_;
};

/// "xmrig-6.21.0", "xmrig_v6", "lolMiner_1.98a": where the name ends, or npos when what follows it
/// is not a version.
size_t end_of_versioned_name(std::string_view name) {
  for (size_t i = name.find_first_of("-_"); i != std::string_view::npos;
       i = name.find_first_of("-_", i + 1)) {
    const size_t digit = i + (i + 1 < name.size() && ascii_lower(name[i + 1]) == 'v' ? 2 : 1);
    if (i > 0 && digit < name.size() && is_ascii_digit(name[digit])) return i;
  }
  return std::string_view::npos;
}

}  // namespace

struct Intel::Rep {
  std::vector<IndicatorEntry> entries;
  DomainIndex domains;
  std::vector<const IndicatorEntry*> domain_entries;  // by the index's values
  AddressIndex addresses;
  AddressIndex shared;  // CDNs and other hosts of many
  std::vector<std::pair<Endpoint, const IndicatorEntry*>> endpoints;  // ascending
  std::vector<const IndicatorEntry*> ports;                           // by port number, or empty
  ExactIndex process_names;
  ExactIndex paths;
  ExactIndex hashes;
  ExactIndex images;
  ExactIndex wallets;
  std::vector<std::string> example_wallets;  // ascending

  explicit Rep(IndicatorSet set);
};

Intel::Rep::Rep(IndicatorSet set)
    : entries(std::move(set.entries)), example_wallets(std::move(set.example_wallets)) {
  std::vector<std::string_view> names;
  std::vector<AddressIndex::Block> blocks;
  ports.resize(UINT16_MAX + 1, nullptr);
  for (size_t i = 0; i < entries.size(); ++i) {
    const IndicatorEntry& entry = entries[i];
    switch (entry.kind) {
      case IndicatorKind::kDomain:
        names.push_back(entry.value);
        domain_entries.push_back(&entry);
        break;
      case IndicatorKind::kIp:
        blocks.push_back({*parse_range(entry.value), static_cast<int32_t>(i)});
        break;
      case IndicatorKind::kIpPort:
        endpoints.emplace_back(*parse_endpoint(entry.value), &entry);
        break;
      case IndicatorKind::kPort: ports[*parse_int<uint16_t>(entry.value)] = &entry; break;
      case IndicatorKind::kProcessName: process_names.add(entry.value, &entry); break;
      case IndicatorKind::kPath: paths.add(entry.value, &entry); break;
      case IndicatorKind::kSha256: hashes.add(entry.value, &entry); break;
      case IndicatorKind::kImage: images.add(entry.value, &entry); break;
      case IndicatorKind::kWallet: wallets.add(entry.value, &entry); break;
    }
  }
  std::sort(endpoints.begin(), endpoints.end());
  domains = DomainIndex(std::move(names));

  // Holes for content networks in wider blocks; rows inside such a network were refused before.
  std::vector<AddressIndex::Block> shared_blocks;
  for (const auto& guard : set.shared_ranges) {
    blocks.push_back({guard.range, AddressIndex::kNone});
    shared_blocks.push_back({guard.range, 0});
  }
  addresses = AddressIndex(std::move(blocks));
  shared = AddressIndex(std::move(shared_blocks));
}

Intel::Intel() = default;
Intel::Intel(Intel&&) noexcept = default;
Intel& Intel::operator=(Intel&&) noexcept = default;
Intel::~Intel() = default;

Intel Intel::load(std::span<const std::pair<std::string, std::string>> named_csv_texts,
                  Diagnostics& diagnostics) {
  Intel intel;
  intel.rep_ = std::make_unique<Rep>(
      read_indicator_files({named_csv_texts.begin(), named_csv_texts.end()}, diagnostics));
  return intel;
}

const IndicatorEntry* Intel::find_domain(std::string_view name) const {
  const int32_t index = rep_->domains.find(name);
  return index == DomainIndex::kNone ? nullptr : rep_->domain_entries[static_cast<size_t>(index)];
}

const IndicatorEntry* Intel::find_ip(std::string_view address) const {
  const int32_t index = rep_->addresses.find(address);
  return index == AddressIndex::kNone ? nullptr : &rep_->entries[static_cast<size_t>(index)];
}

bool Intel::is_shared(std::string_view address) const {
  return rep_->shared.find(address) != AddressIndex::kNone;
}

const IndicatorEntry* Intel::find_ip_port(std::string_view address, uint16_t port) const {
  const auto parsed = parse_address(address);
  if (!parsed) return nullptr;
  const Endpoint wanted{*parsed, port};
  const auto found = std::lower_bound(rep_->endpoints.begin(), rep_->endpoints.end(), wanted,
                                      [](const auto& a, const Endpoint& b) { return a.first < b; });
  return found != rep_->endpoints.end() && found->first == wanted ? found->second : nullptr;
}

const IndicatorEntry* Intel::find_port(uint16_t port) const {
  return rep_->ports[port];
}

const IndicatorEntry* Intel::find_sha256(std::string_view hex) const {
  return hex.size() == 64 ? rep_->hashes.find(LowerCopy<64>(hex).view()) : nullptr;
}

const IndicatorEntry* Intel::find_process_name(std::string_view name) const {
  const LowerCopy<64> lower(file_name(name));
  const std::string_view whole = lower.view();
  if (const auto* entry = rep_->process_names.find(whole)) return entry;
  const size_t end = end_of_versioned_name(whole);
  return end == std::string_view::npos ? nullptr : rep_->process_names.find(whole.substr(0, end));
}

const IndicatorEntry* Intel::find_path(std::string_view path) const {
  path = without_deleted_mark(path);
  if (path.size() > 1024) return nullptr;
  if (const auto* entry = rep_->paths.find(path)) return entry;
  // The longest listed folder around the path.
  for (size_t slash = path.rfind('/'); slash != std::string_view::npos && slash > 0;
       slash = path.rfind('/', slash - 1)) {
    if (const auto* entry = rep_->paths.find(path.substr(0, slash + 1))) return entry;
  }
  return nullptr;
}

const IndicatorEntry* Intel::find_image(std::string_view image) const {
  const LowerCopy<256> lower(image_repository(image));
  if (const auto* entry = rep_->images.find(lower.view())) return entry;
  const auto* named = rep_->process_names.find(file_name(lower.view()));
  return named != nullptr && named->confidence == "high" ? named : nullptr;
}

const IndicatorEntry* Intel::find_wallet(std::string_view address) const {
  return rep_->wallets.find(address);
}

bool Intel::is_example_wallet(std::string_view address) const {
  return std::binary_search(rep_->example_wallets.begin(), rep_->example_wallets.end(), address);
}

std::vector<CommandLineFinding> Intel::read_command_line(std::string_view path,
                                                         std::string_view command_line) const {
  return CommandLineReader(*this).read(path, command_line);
}

const std::vector<IndicatorEntry>& Intel::entries() const {
  return rep_->entries;
}

}  // namespace davy::intel
