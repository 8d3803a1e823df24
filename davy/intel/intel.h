// SPDX-License-Identifier: Apache-2.0
// "Is this domain / address / hash / name / wallet known?" and nothing else. Knows nothing about
// events. Indicators are data (content/indicators/*.csv) with source and date per row.
// Davy never resolves or contacts an indicator.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/diagnostic.h"
#include "davy/base/result.h"

namespace davy::intel {

enum class IndicatorKind : uint8_t {
  kDomain,       ///< matches the name and its sub-domains, on label boundaries only
  kIp,           ///< address or CIDR
  kIpPort,       ///< "1.2.3.4:3333"
  kPort,         ///< a port miners like; weak
  kProcessName,  ///< file name of a miner executable
  kPath,         ///< path or path prefix ending in '/'
  kSha256,
  kImage,  ///< container image repository, without tag
  kWallet,
};
std::string_view kind_name(IndicatorKind kind);
struct IndicatorEntry;
/// As the kind column says it: "domain", "malware-domain".
std::string kind_label(const IndicatorEntry& entry);
inline constexpr std::string_view kMalwarePrefix = "malware-";

/// One row of an indicator file.
struct IndicatorEntry {
  IndicatorKind kind = IndicatorKind::kDomain;
  std::string value;       ///< normalised: lower case, re-fanged, no trailing dot
  std::string family;      ///< pool, miner or actor: "supportxmr", "xmrig", "TeamTNT"
  std::string confidence;  ///< "high", "medium", "low"
  std::string source;      ///< where the row comes from
  std::string date;        ///< YYYY-MM-DD it was taken or last reviewed
  bool malware = false;    ///< a host that mining malware is fetched from or reports to: no pool
};

/// Something in a text that says "miner".
struct CommandLineFinding {
  enum class What : uint8_t {
    kPoolUrl,       ///< -o stratum+tcp://…, or a pool beside other options of miners
    kWallet,        ///< checksum-valid address
    kMinerName,     ///< known executable name as argv[0] or a path component
    kMinerOption,   ///< --donate-level, --cpu-max-threads-hint, -a rx/0 …
    kKnownPath,     ///< runs from /tmp/.ICE-unix/…, known dropper path
    kMasquerade,    ///< kworker / systemd name running from a temp or hidden folder
    kPoolArgument,  ///< a pool handed to a program that shows nothing else of a miner
    kMinerFile,     ///< known path as an argument, or a miner's setting that is written somewhere
    kMention,       ///< pool or wallet in a text that is written or sent
  };
  What what;
  std::string_view text;  ///< the part of the input that says so
  std::string family;     ///< coin, miner or pool where known
};

/// A checksum-verified wallet.
struct Wallet {
  std::string coin;     ///< "XMR", "BTC", "ETH", …
  std::string form;     ///< "main", "subaddress", "integrated", "p2pkh", "bech32", …
  std::string address;  ///< without worker or difficulty suffix
};

/// Reads one address, nothing before or after. Checksums are verified: Monero (Keccak), Bitcoin
/// (base58check, bech32, bech32m), Ethereum (EIP-55; all-lower-case hex is refused as
/// unverifiable).
std::optional<Wallet> parse_wallet(std::string_view text);

/// Finds verified wallets anywhere in a text. Views are into `text`.
std::vector<Wallet> find_wallets(std::string_view text);

class Intel {
 public:
  /// Reads indicator CSV files (see content/indicators/README.md). Bad rows are refused and
  /// reported.
  static Intel load(std::span<const std::pair<std::string, std::string>> named_csv_texts,
                    Diagnostics& diagnostics);
  Intel(Intel&&) noexcept;
  Intel& operator=(Intel&&) noexcept;
  ~Intel();

  /// All look-ups are thread-safe and allocation-free on a miss. The pointer lives as long as
  /// Intel.
  const IndicatorEntry* find_domain(std::string_view name) const;
  /// Address in text form. Never matches an address inside a shared-hosting or CDN range.
  const IndicatorEntry* find_ip(std::string_view address) const;
  /// Whether it lies inside such a range, where whoever shares the address is no neighbour's
  /// keeper.
  bool is_shared(std::string_view address) const;
  const IndicatorEntry* find_ip_port(std::string_view address, uint16_t port) const;
  const IndicatorEntry* find_port(uint16_t port) const;
  const IndicatorEntry* find_sha256(std::string_view hex) const;
  const IndicatorEntry* find_process_name(std::string_view name) const;
  const IndicatorEntry* find_path(std::string_view path) const;
  /// By repository, whatever its tag; a repository named after a miner ("me/xmrig") yields the
  /// miner's process-name row.
  const IndicatorEntry* find_image(std::string_view image) const;
  const IndicatorEntry* find_wallet(std::string_view address) const;
  /// An address printed in documentation, which is evidence of nothing.
  bool is_example_wallet(std::string_view address) const;

  /// Everything in a command line that says "miner", in order of appearance.
  std::vector<CommandLineFinding> read_command_line(std::string_view path,
                                                    std::string_view command_line) const;

  const std::vector<IndicatorEntry>& entries() const;

 private:
  Intel();
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

/// "hxxp://185.143.221[.]89" -> "http://185.143.221.89": indicator input only, never logs.
std::string refang(std::string_view text);

}  // namespace davy::intel
